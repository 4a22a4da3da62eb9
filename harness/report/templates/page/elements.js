// Elements, whose texts are never read as markup, and texts to copy.
const all = (selector, from = document) => [...from.querySelectorAll(selector)]
const h = (name, attributes = {}, ...children) => {
  const [tag, ...classes] = name.split('.')
  const element = document.createElement(tag)
  if (classes.length) element.className = classes.join(' ')
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'open') element.open = value
    else if (value !== false && value != null) element.setAttribute(key, value === true ? '' : value)
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false && child !== ''))
  return element
}
const plural = (number, one, many = `${one}s`) => `${number.toLocaleString('en')} ${number === 1 ? one : many}`
// The parts between backticks become code.
const ticks = (text) => {
  const parts = String(text).split('`')
  return parts.length % 2 ? parts.map((part, index) => (index % 2 ? h('code', {}, part) : part)) : [text]
}
const say = (text) => {
  const place = document.getElementById('message')
  place.textContent = text
  clearTimeout(say.timer)
  say.timer = setTimeout(() => { place.textContent = '' }, 2500)
}
// `from` is where the selection for the older way of copying can be: an open dialog holds the focus.
const copy = async (text, from = document.body) => {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    const area = h('textarea')
    area.value = text
    from.append(area)
    area.select()
    document.execCommand('copy')
    area.remove()
  }
  say('Copied')
}
// A fenced block of Markdown that the text cannot end.
const fenced = (text, language = '') => {
  const longest = Math.max(2, ...(String(text).match(/`+/g) || []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}\n`
}
