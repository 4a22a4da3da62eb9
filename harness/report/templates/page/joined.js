// Where a place of a whole answer is in the events that it was joined from.
const member = (value, key) => {
  if (!Array.isArray(value)) return value?.[key]
  const numbered = value.some((each) => each?.index !== undefined)
  return numbered ? value.find((each) => String(each?.index ?? 0) === key) : value[key]
}
// Deltas have no value yet where they have null or an empty text.
const has = (value, keys) => ![undefined, null, ''].includes(keys.reduce(member, value))
const isIn = (data, [first, second, ...rest]) => {
  if (first === 'choices' && second !== undefined) {
    const choice = member(data.choices, second)
    return rest[0] === 'message' ? has(choice, ['delta', ...rest.slice(1)]) : has(choice, rest)
  }
  if (first === 'content' && second !== undefined && data.index !== undefined) {
    const keys = rest[0] === 'input' ? ['partial_json'] : rest
    return String(data.index) === second && (has(data.delta, keys) || has(data.content_block, rest))
  }
  const keys = [first, second, ...rest].filter((key) => key !== undefined)
  return [data, data.message, data.delta, data.response].some((each) => has(each, keys))
}
const dataIn = (text) => {
  try { return JSON.parse(text.match(/^data: ?.*$/gm).map((line) => line.replace(/^data: ?/, '')).join('\n')) } catch { return null }
}
// The numbers of the events that a JSON Pointer into the whole answer was read from.
const eventsWith = (events, pointer) => {
  const keys = pointer.split('/').slice(1).map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const found = []
  let number = -1
  for (const [at, text, hidden] of events) {
    if (at === null) number += hidden
    else if (/^data/m.test(text)) {
      number += 1
      const data = dataIn(text)
      if (data && isIn(data, keys)) found.push(number)
    }
  }
  return found
}
