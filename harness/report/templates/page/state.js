// Filters and the open case, as parts of the address: #case=pack/id&cases=fail,warn&find=words.
// A part that is not there has its default: the outcomes that are not green, if there are any.
const PARTS = ['case', 'cases', 'find', 'row', 'fault', 'fields', 'field']
const NOT_GREEN = ['fail', 'inconclusive', 'warn']
const readState = () => {
  const text = location.hash.slice(1)
  if (text.startsWith('case-')) return { case: decodeURIComponent(text.slice(5)) }
  if (!text.includes('=')) return null
  return Object.fromEntries([...new URLSearchParams(text)].filter(([key, value]) => PARTS.includes(key) && value))
}
const writeState = (state) => {
  const parts = PARTS.filter((key) => state[key]).map((key) => `${key}=${encodeURIComponent(state[key]).replaceAll('%2F', '/').replaceAll('%2C', ',')}`)
  return parts.length ? `#${parts.join('&')}` : '#'
}
const pressedIn = (bar, value) => {
  const names = all('[data-filter]', bar).map((button) => button.dataset.filter)
  const chosen = value ? value.split(',').filter((name) => names.includes(name)) : names.filter((name) => NOT_GREEN.includes(name))
  return chosen.length && !chosen.includes('all') ? chosen : ['all']
}
const words = (text) => (text || '').toLowerCase().split(/\s+/).filter(Boolean)
