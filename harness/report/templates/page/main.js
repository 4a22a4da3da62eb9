// The parts of the page that change: filters, the list of cases, and the dialog.
const CHUNK = 100
const toolbar = (name) => document.querySelector(`.toolbar[data-for=${name}]`)
const dialog = document.getElementById('case')
let index = null
let state = {}
let matching = []
let open = null

const press = (bar, chosen, text, count, total) => {
  for (const button of all('[data-filter]', bar)) button.setAttribute('aria-pressed', String(chosen.includes(button.dataset.filter)))
  const input = bar.querySelector('input')
  if (document.activeElement !== input) input.value = text || ''
  bar.querySelector('output').textContent = count === total ? '' : `${count.toLocaleString('en')} of ${total.toLocaleString('en')} shown`
}
const showFields = () => {
  const bar = toolbar('fields')
  const [chosen, wanted] = [pressedIn(bar, state.fields), words(state.field)]
  const rows = all('.matrix tr[data-outcome]')
  for (const row of rows) {
    const text = wanted.length ? row.textContent.toLowerCase() : ''
    row.hidden = (!chosen.includes('all') && !chosen.includes(row.dataset.outcome)) || !wanted.every((word) => text.includes(word))
  }
  for (const group of all('.matrix tbody')) group.hidden = !group.querySelector('tr[data-outcome]:not([hidden])')
  press(bar, chosen, state.field, rows.filter((row) => !row.hidden).length, rows.length)
}
const isMatching = (chosen, wanted, names) => (line) => {
  const text = wanted.length ? `${line[NAME]} ${line[TITLE]} ${line[WHY]} ${line[GRADE]}`.toLowerCase() : ''
  return (chosen.includes('all') || chosen.includes(line[OUTCOME])) && (!names || names.has(line[NAME])) && wanted.every((word) => text.includes(word))
}
const lineOf = (line) => h('li', {}, pill(line[OUTCOME], line[MARK]),
  h('span.name', {}, caseLink(line[NAME]), line[TITLE] && h('span.soft', {}, ` ${line[TITLE]}`)),
  line[OUTCOME] === 'inconclusive' ? h('span') : grade(line[GRADE]), h('span.time', {}, `${line[TIME]} ms`))
const showMore = (number) => {
  const list = document.getElementById('case-list')
  const from = list.childElementCount
  list.append(...matching.slice(from, from + number).map(lineOf))
  const left = matching.length - list.childElementCount
  const more = document.querySelector('[data-do=more]')
  more.hidden = left === 0
  more.textContent = `Show ${Math.min(left, CHUNK * 5)} more of ${plural(left, 'case')}`
}
const showCases = () => {
  const bar = toolbar('cases')
  const chosen = state.row || state.fault ? pressedIn(bar, state.cases || 'all') : pressedIn(bar, state.cases)
  const names = state.row ? index.rows[state.row] : state.fault ? index.faults[state.fault]?.cases : null
  matching = index.cases.filter(isMatching(chosen, words(state.find), names && new Set(names)))
  press(bar, chosen, state.find, matching.length, index.cases.length)
  if (names) bar.querySelector('output').append(state.row ? `, of the row ${state.row}` : ', of one fault', ' ', h('button', { type: 'button', 'data-do': 'clear' }, 'Clear'))
  document.getElementById('case-list').replaceChildren()
  showMore(CHUNK)
}
const showDialog = async () => {
  const line = state.case && index.cases.find((each) => each[NAME] === state.case)
  if (!line) {
    open = null
    if (dialog.open) dialog.close()
    return
  }
  if (open?.about.name === state.case && dialog.open) return
  const loaded = await loadCase(line)
  if (state.case !== line[NAME]) return
  open = loaded
  document.getElementById('case-title').textContent = line[NAME]
  document.getElementById('case-body').replaceChildren(...caseContent(open))
  if (!dialog.open) dialog.showModal()
  dialog.scrollTop = 0
  document.getElementById('case-title').focus()
}
const show = () => Promise.all([showFields(), showCases(), showDialog()])
// Typing replaces the address; everything else can be undone with the browser's Back.
const change = (parts, isTyping) => {
  state = { ...state, ...parts }
  history[isTyping ? 'replaceState' : 'pushState'](null, '', writeState(state))
  return show()
}
const walk = (by) => {
  const position = matching.findIndex((line) => line[NAME] === state.case)
  const next = matching[state.case && position < 0 ? 0 : position + by]
  if (next) change({ case: next[NAME] })
}
const filter = (bar, name) => {
  const chosen = all('[aria-pressed=true]', bar).map((button) => button.dataset.filter).filter((each) => each !== 'all' && each !== name)
  const isOn = bar.querySelector(`[data-filter=${name}]`).getAttribute('aria-pressed') === 'true'
  change({ [bar.dataset.for]: name === 'all' || (isOn && !chosen.length) ? 'all' : [...chosen, ...(isOn ? [] : [name])].join(',') })
}
const theme = (next) => {
  const root = document.documentElement
  if (next === 'automatic') delete root.dataset.theme
  else root.dataset.theme = next
  document.querySelector('[data-do=theme]').textContent = `Theme: ${next}`
}
const remembered = (value) => {
  try { // a page from a file may have no storage
    if (value) localStorage.setItem('theme', value)
    return localStorage.getItem('theme') || 'automatic'
  } catch { return 'automatic' }
}
const actions = {
  theme: () => {
    const names = ['automatic', 'dark', 'light']
    const next = names[(names.indexOf(document.documentElement.dataset.theme || 'automatic') + 1) % names.length]
    remembered(next)
    theme(next)
  },
  more: () => showMore(CHUNK * 5),
  clear: () => change({ row: '', fault: '', cases: '' }),
  copy: (button) => copy(button.previousElementSibling.textContent, button.parentElement),
  previous: () => walk(-1),
  next: () => walk(1),
  close: () => change({ case: '' }),
  link: () => copy(location.href.replace(/#.*/, caseHash(state.case)), dialog),
  issue: (button) => (button.dataset.fault ? copy(faultIssue(index.faults[button.dataset.fault])) : copy(caseIssue(open), dialog)),
}
const goToPart = (target, parts) => {
  change('case' in parts ? { case: parts.case } : { cases: '', find: '', row: '', fault: '', ...parts })
  if (!('case' in parts)) document.getElementById(Object.keys(parts).some((key) => key.startsWith('field')) ? 'fields' : 'cases').scrollIntoView()
}
document.addEventListener('click', (event) => {
  const button = event.target.closest('button')
  if (button?.dataset.filter) filter(button.closest('.toolbar'), button.dataset.filter)
  else if (button?.dataset.do) actions[button.dataset.do](button)
  const link = event.target.closest('a[href^="#"]')
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
  if (link.dataset.shot) {
    event.preventDefault()
    const shot = all('.shot', dialog).find((each) => each.dataset.id === link.dataset.shot)
    shot.open = true
    shot.scrollIntoView()
  } else if (link.hash.includes('=')) {
    event.preventDefault()
    goToPart(link, Object.fromEntries(new URLSearchParams(link.hash.slice(1))))
  } else {
    const target = document.getElementById(link.hash.slice(1))
    const folded = target?.closest('details:not([open])')
    if (folded) folded.open = true
  }
})
document.addEventListener('input', (event) => {
  const bar = event.target.closest('.toolbar')
  if (bar) change({ [bar.dataset.for === 'fields' ? 'field' : 'find']: event.target.value }, true)
})
document.addEventListener('keydown', (event) => {
  if (event.target.closest('input, textarea') || event.ctrlKey || event.metaKey || event.altKey || !index) return
  if (event.key === '/' && !dialog.open) {
    event.preventDefault()
    toolbar('cases').querySelector('input').focus()
  }
  if (event.key === 'j') walk(1)
  if (event.key === 'k' && state.case) walk(-1)
})
dialog.addEventListener('close', () => state.case && change({ case: '' }))
const fromAddress = () => {
  const parts = readState()
  if (parts) state = parts
  else if (state.case) state = { ...state, case: '' }
  return show()
}
// The legend has the meaning of each outcome and grade once; here it becomes their tooltips.
const explain = () => {
  const meanings = new Map(all('.legend dt > span').map((each) => [each.textContent, each.parentElement.nextElementSibling.textContent]))
  for (const each of all('.pill:not([title]), .grade, .graded')) if (meanings.has(each.textContent)) each.title = meanings.get(each.textContent)
}
const start = async () => {
  theme(remembered())
  try {
    index = await unpack(document.getElementById('index'))
  } catch {
    return say('This browser cannot open the cases: it is too old.')
  }
  explain()
  for (const element of all('.toolbar, [data-do=theme], [data-fault]')) element.hidden = false
  addEventListener('popstate', fromAddress)
  addEventListener('hashchange', fromAddress)
  await fromAddress()
  const parts = readState()
  if (parts && ['cases', 'find', 'row', 'fault'].some((key) => parts[key])) document.getElementById('cases').scrollIntoView()
  else if (parts && (parts.fields || parts.field)) document.getElementById('fields').scrollIntoView()
  else if (/^#fault-/.test(location.hash)) {
    const target = document.getElementById(location.hash.slice(1))
    if (target?.closest('details')) target.closest('details').open = true
    target?.scrollIntoView()
  }
  document.documentElement.dataset.ready = ''
}
start()
