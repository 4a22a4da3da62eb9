// Lays JSON out in lines without changing a number or a string, and knows the place of each value.
const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g
const step = (key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
const nameIn = (token) => {
  try { return JSON.parse(token) } catch { return token.slice(1, -1) }
}
// Returns text, places (JSON Pointer -> [start, end]) and leaves (JSON Pointer -> text of the value).
const layout = (source) => {
  const places = new Map([['', [0, source.length]]])
  const leaves = new Map()
  if (!/^\s*[{[]/.test(source)) return { text: source, places, leaves }
  let text = ''
  const stack = []
  const line = () => { text += `\n${'  '.repeat(stack.length)}` }
  const begin = () => {
    const top = stack.at(-1)
    if (top && !top.key && top.empty) line()
    if (top) top.empty = false
    return { path: top ? top.path + step(top.name) : '', start: top?.start ?? text.length }
  }
  const end = ({ path, start }) => {
    if (!places.has(path) || !path) places.set(path, [start, text.length])
    const top = stack.at(-1)
    if (top) top.start = undefined
  }
  for (const [token] of source.matchAll(TOKEN)) {
    const top = stack.at(-1)
    if (token === '{' || token === '[') {
      const value = begin()
      text += token
      stack.push({ ...value, from: value.start, kind: token, name: 0, empty: true, key: token === '{', start: undefined })
    } else if (token === '}' || token === ']') {
      if (!top) return { text: source, places, leaves }
      stack.pop()
      if (!top.empty) line()
      text += token
      end({ path: top.path, start: top.from })
    } else if (token === ',') {
      text += ','
      if (!top) continue
      if (top.kind === '[') top.name += 1
      else top.key = true
      line()
    } else if (token === ':') {
      text += ': '
      if (top) top.key = false
    } else if (top?.kind === '{' && top.key) {
      if (top.empty) line()
      top.empty = false
      top.start = text.length
      top.name = nameIn(token)
      text += token
    } else {
      const value = begin()
      text += token
      leaves.set(value.path, token)
      end(value)
    }
  }
  return { text, places, leaves }
}
// The nearest place to a pointer that exists: [start, end, whether the pointer itself does].
const nearest = (lines, pointer) => {
  let path = pointer
  while (path && !lines.places.has(path)) path = path.slice(0, path.lastIndexOf('/'))
  const [start, end] = lines.places.get(path) || [0, 0]
  const lineEnd = lines.text.indexOf('\n', start)
  return [start, lineEnd >= start && lineEnd < end ? lineEnd : end, path === pointer]
}
// The text as nodes, with the places of pointers marked; a container is marked on its first line.
const marked = (lines, pointers) => {
  const nodes = []
  let position = 0
  const places = pointers.map((pointer) => [...nearest(lines, pointer), pointer])
  for (const [start, end, there, pointer] of places.sort((a, b) => a[0] - b[0])) {
    if (start < position || end <= start) continue
    if (there) nodes.push(lines.text.slice(position, start), h('mark', { title: 'the place of the fault' }, lines.text.slice(start, end)))
    else nodes.push(lines.text.slice(position, end), ' ', h('mark.absent', {}, `${pointer} is missing`))
    position = end
  }
  return [...nodes, lines.text.slice(position)]
}
// What an answer says, by pointer: of a stream, its pieces of text joined, and otherwise what came last.
const dataOf = (answer) => {
  const leaves = new Map(answer.status === null ? [] : [['status', String(answer.status)]])
  const texts = answer.events.length
    ? answer.events.filter(([at]) => at !== null).flatMap(([, text]) => text.match(/^data: ?.*$/gm) || []).map((line) => line.replace(/^data: ?/, ''))
    : [answer.body]
  for (const text of texts) {
    for (const [path, value] of layout(text).leaves) {
      const isPiece = answer.events.length && value[0] === '"' && leaves.has(path) && /delta|text|partial/.test(path)
      leaves.set(path, isPiece ? `${leaves.get(path).slice(0, -1)}${value.slice(1)}` : value)
    }
  }
  return leaves
}
const differences = (answer, control) => {
  const [mine, other] = [dataOf(answer), dataOf(control)]
  const paths = [...new Set([...mine.keys(), ...other.keys()])]
  return paths.filter((path) => mine.get(path) !== other.get(path)).map((path) => [path, mine.get(path), other.get(path)])
}
