// One request with its answer, and what reached the provider.
const SMALL = 25 // differences shown
const headersOf = (pairs, marks) => {
  const names = marks.filter(([part]) => part === 'header').map(([, name]) => name)
  const absent = names.filter((name) => !pairs.some(([each]) => each.toLowerCase() === name))
  if (!pairs.length && !absent.length) return null
  const lines = pairs.map(([name, value]) => [
    names.includes(name.toLowerCase()) ? h('mark', {}, `${name}: ${value}`) : h('span', {}, h('b', {}, name), `: ${value}`), '\n',
  ])
  const missing = absent.map((name) => [h('mark.absent', {}, `${name} is missing`), '\n'])
  return h('details.headers', { open: names.length > 0 }, h('summary', {}, plural(pairs.length, 'header')), h('pre', { tabindex: 0 }, missing, lines))
}
const bodyOf = (message, pointers) => {
  if (!message.body) return h('p.soft', {}, 'No body.')
  return [h('pre', { tabindex: 0 }, marked(layout(message.body), pointers)), message.note && h('p.soft', {}, message.note)]
}
const eventsOf = (events, marks) => {
  const wrong = new Set(marks.filter(([part]) => part === 'event').map(([, number]) => number))
  const pointers = marks.filter(([part, pointer]) => part === 'body' && pointer).map(([, pointer]) => pointer)
  const absent = []
  for (const pointer of new Set(pointers)) {
    const numbers = eventsWith(events, pointer)
    numbers.forEach((each) => wrong.add(each))
    if (!numbers.length) absent.push(h('p', {}, h('mark.absent', {}, `${pointer} is in no event`)))
  }
  let number = -1
  return [absent, h('ol.events', { tabindex: 0 }, events.map(([at, text, hidden]) => {
    if (at === null) {
      number += hidden
      return h('li.gap', {}, text)
    }
    if (/^data/m.test(text)) number += 1
    const shown = wrong.has(number) ? h('mark', { title: 'the place of the fault' }, text) : text
    return h('li', {}, h('time', {}, `${at.toFixed(3)} s`), h('pre', {}, shown))
  }))]
}
const answerOf = (answer, marks) => {
  const pointers = marks.filter(([part]) => part === 'body').map(([, pointer]) => pointer)
  const status = `${answer.http_version} ${answer.status ?? ''}`
  return h('section', {}, h('h4', {}, 'Answer'),
    h('p.line', {}, marks.some(([part]) => part === 'status') ? h('mark', {}, h('code', {}, status)) : h('code', {}, status),
      answer.end !== 'complete' && [' ', h('b.end', {}, answer.end)], answer.said && ` ${answer.said}`),
    headersOf(answer.headers, marks),
    answer.events.length ? eventsOf(answer.events, marks) : bodyOf(answer, pointers))
}
const requestOf = (request, title) => h('section', {}, h('h4', {}, title),
  h('p.line', {}, h('code', {}, request.line || `${request.method} ${request.url}`), request.status && h('span.soft', {}, ` answered ${request.status}`)),
  headersOf(request.headers, []), request.body ? bodyOf(request, request.pointers || []) : null)
const curlOf = (request) => request.curl && [h('h4', {}, 'Repeat it'),
  h('div.copied', {}, h('pre', { tabindex: 0, role: 'group', 'aria-label': 'A curl command that repeats this request' }, request.curl),
    h('button', { type: 'button', 'data-do': 'copy' }, 'Copy'))]
const forwardedOf = (shot, marks) => {
  if (shot.forwarded === null || shot.forwarded === undefined) return []
  if (!shot.forwarded.length) return [h('section', {}, h('h4', {}, 'At the provider'), h('p.soft', {}, 'The provider received no request.'))]
  const pointers = marks.filter(([part]) => part === 'forwarded').map(([, pointer]) => pointer)
  return shot.forwarded.map((request) => requestOf({ ...request, pointers }, 'At the provider'))
}
const wireOf = (each, index) => [each.gap && h('p.soft', {}, each.gap),
  h('details.shot', { open: index === 0 }, h('summary', {}, h('b', {}, 'On the wire '), h('code', {}, `${each.request.method} ${each.request.url}`), h('span.soft', {}, ` ${each.answer.status ?? each.answer.end}, ${each.at.toFixed(3)} s after the call`)),
    h('div.exchange', {}, requestOf(each.request, 'Request'), answerOf(each.answer, [])), curlOf(each.request))]
const differenceOf = (shot, control) => {
  if (!control) return null
  const rows = differences(shot.answer, control.answer)
  const cell = (value) => h('td', {}, value === undefined ? h('span.soft', {}, 'not there') : h('code', {}, value))
  return [h('h4', {}, 'Difference to the control, the same request without the field'),
    rows.length
      ? h('div.scroll', { tabindex: 0, role: 'group', 'aria-label': 'Difference to the control' }, h('table.plain', {},
        h('thead', {}, h('tr', {}, ['Place', 'This answer', 'The control'].map((title) => h('th', { scope: 'col' }, title)))),
        h('tbody', {}, rows.slice(0, SMALL).map(([path, mine, other]) => h('tr', {}, h('th', { scope: 'row' }, h('code', {}, path)), cell(mine), cell(other))))))
      : h('p.soft', {}, 'None: the two answers are equal.'),
    rows.length > SMALL && h('p.soft', {}, `and ${rows.length - SMALL} more`)]
}
const exchangeOf = (shot, marks, control) => [
  h('div.exchange', {}, requestOf(shot.request, 'Request'), forwardedOf(shot, marks), answerOf(shot.answer, marks)),
  differenceOf(shot, control), shot.wire.map(wireOf), curlOf(shot.request),
]
