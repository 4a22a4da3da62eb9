// The dialog with one case.
const pill = (outcome, mark) => {
  const label = mark ? index.labels[mark] : index.labels.outcomes[outcome]
  return h(`span.pill.o-${outcome}${mark === 'known' ? '.known' : mark === 'refused' ? '.permitted' : ''}`, { title: label.meaning }, label.label)
}
const grade = (name) => h(`span.grade.g${Object.keys(index.labels.evidence).indexOf(name)}`, { title: index.labels.evidence[name] }, name)
const levelOf = (name) => h(`span.level.l-${name}`, { title: index.labels.levels[name] }, name)
const caseHash = (name) => `#case=${encodeURIComponent(name)}`
const caseLink = (name) => h('a', { href: caseHash(name) }, name)
const fact = (name, ...value) => h('div.wide', {}, h('dt', {}, name), h('dd', {}, value))
const sourceOf = ([title, url]) => (url ? h('a', { href: url, rel: 'noreferrer' }, title) : title)
const reasonsOf = (about) => [
  about.reason && h('p.reason', {}, about.cause && h('b', {}, `${about.cause}: `), about.reason,
    about.is_blocked && [h('br'), 'Another fault prevents this case, so it neither passes nor fails. ',
      about.blocked_by?.length
        ? ['It is reported by ', about.blocked_by.map((by, number) => [number ? ', ' : '', caseLink(by.case), ' (', h('code', {}, by.rule), ')']), '.']
        : 'No other case of this run reports it.']),
  about.refused && h('p.reason', {}, `${about.refused === 'all' ? 'Every request' : 'A request'} was refused, which is permitted and shows no effect.`),
  about.known.map((by) => h('p.reason', {}, h('b', {}, `Known${by.until ? `, until ${by.until}` : ''}: `), by.rule && [h('code', {}, by.rule), ': '], by.reason,
    by.issue && [' ', sourceOf([by.issue, /^https?:/.test(by.issue) ? by.issue : ''])])),
  about.claim && h('p.reason', {}, h('b', {}, 'Declared by the target: '), h('b', {}, about.claim.behaviour.replaceAll('_', ' ')),
    `, where the document has ${about.claim.declared.replaceAll('_', ' ')}: ${about.claim.because}. The case was judged by this declaration.`),
]
const findingOf = (finding, shots) => h(`article.fault.l-${finding.level}`, {},
  h('h3', {}, finding.sentence, ' ', levelOf(finding.level)),
  h('dl.points', {},
    h('div.got', {}, h('dt', {}, 'Came back'), h('dd', {}, finding.got ? h('code', {}, finding.got) : 'nothing')),
    h('div.expected', {}, h('dt', {}, 'Expected'), h('dd', {}, h('code', {}, finding.expected))),
    h('div', {}, h('dt', {}, 'In'), h('dd', {}, h('p.shots', {}, finding.shots.map(([id, label]) => (
      shots.has(id) ? h('a', { href: '#', 'data-shot': id }, label) : h('code', {}, label))), finding.shots_left_out > 0 && `and ${finding.shots_left_out} more`)))),
  h('p.small-print', {}, h('code', {}, finding.rule), finding.where && [' at ', h('code', {}, finding.where)], ', defined at ', h('code', {}, finding.defined), finding.depends_on_model && '; depends on the model'))
const heldOf = (held) => held.length > 0 && h('details', {}, h('summary', {}, `${plural(held.length, 'assertion')} passed`),
  h('div.scroll', { tabindex: 0, role: 'group', 'aria-label': 'Assertions that passed' }, h('table.plain', {},
    h('thead', {}, h('tr', {}, ['Rule', 'Level', 'Defined at', 'Requests'].map((title) => h('th', { scope: 'col' }, title)))),
    h('tbody', {}, held.map((finding) => h('tr', {}, h('th', { scope: 'row' }, h('code', {}, finding.rule), finding.got && `: ${finding.got}`),
      h('td', {}, levelOf(finding.level)), h('td', {}, h('code', {}, finding.defined)), h('td', {}, finding.shots.length + finding.shots_left_out)))))))
const recordedOf = (about, shots) => {
  const recorded = about.failed.filter(({ level }) => level === 'may')
  return recorded.length > 0 && h('details', {}, h('summary', {}, `${plural(recorded.length, 'difference')} recorded without being judged`),
    recorded.map((finding) => findingOf(finding, shots)))
}
// The exchange is rendered when its element is opened.
const shotOf = ([id, label, outcome, , time], { about, shots }, open) => {
  const shot = shots.get(id)
  const marks = about.failed.filter((finding) => finding.level !== 'may' && finding.shots.some(([each]) => each === id)).flatMap((finding) => finding.marks)
  const status = shot.answer.status ?? shot.answer.end
  const attempts = shot.answer.attempts > 1 ? `, ${shot.answer.attempts} attempts` : ''
  const once = shot.answer.same_as ? `, sent once, as ${shot.answer.same_as}` : ''
  const element = h('details.shot', { 'data-id': id },
    h('summary', {}, pill(outcome), ' ', h('b', {}, label), h('span.soft', {}, ` ${status}, ${time} ms${attempts}${once}`)))
  const fill = () => {
    if (element.childElementCount > 1) return
    element.append(...exchangeOf(shot, marks, shots.get(about.controls[id])).flat(9).filter(Boolean))
    element.querySelector('pre mark, .events mark')?.scrollIntoView({ block: 'nearest' })
  }
  element.addEventListener('toggle', () => element.open && fill())
  element.open = open
  return element
}
const otherShots = (about, shots) => {
  const others = about.shots.filter(([id]) => !shots.has(id))
  const total = others.length + about.shots_left_out
  return total > 0 && h('details', {}, h('summary', {}, `${plural(total, 'more request')}, ${shots.size ? 'as expected or like those above' : 'for which the page has no room'}; transcript.jsonl has them`),
    h('p.shots', {}, others.map(([, label, outcome, status]) => h('code', {}, `${label}: ${status ?? outcome}`))))
}
const factsOf = (about) => h('dl.facts', {},
  fact('Promise', h('b', {}, about.behaviour), about.promise && `: ${about.promise}`, about.declared && [' ', h('q', {}, about.declared)]),
  about.source.length > 0 && fact('Source', about.source.map((source, number) => [number ? '; ' : '', sourceOf(source)])),
  about.outcome !== 'inconclusive' && fact('Evidence', grade(about.evidence), ` ${index.labels.evidence[about.evidence]}`, about.stronger && ` For stronger evidence: ${about.stronger}.`),
  fact('Defined at', h('code', {}, about.place)), fact('Row', h('code', {}, about.row)),
  fact('Level and feature', levelOf(about.level), ` ${about.feature}${about.feature === about.tier ? '' : ` (${about.tier})`}`))
const repeatCommand = (name) => index.command && `${index.command.replace(/ --case[= ]\S+/g, '').replace(/ --smoke\b/, '')} --case ${name}`
const caseContent = ({ about, shots }) => {
  const shown = about.shots.filter(([id]) => shots.has(id))
  const first = about.outcome === 'pass' || about.outcome === 'skip' ? -1 : 0
  return [
    h('p', {}, pill(about.outcome)), about.why && h('p.why', {}, ticks(about.why)), reasonsOf(about),
    about.failed.filter(({ level }) => level !== 'may').map((finding) => findingOf(finding, shots)),
    about.findings_left_out > 0 && h('p.soft', {}, `and ${plural(about.findings_left_out, 'more finding')}, in report.json`),
    shown.map((shot, number) => shotOf(shot, { about, shots }, number === first)),
    otherShots(about, shots), recordedOf(about, shots), heldOf(about.held), factsOf(about),
    index.command && [h('h4', {}, 'Repeat the case'), h('div.copied', {}, h('pre', { tabindex: 0, role: 'group', 'aria-label': 'A command that repeats this case' }, repeatCommand(about.name)), h('button', { type: 'button', 'data-do': 'copy' }, 'Copy'))],
  ].flat(9).filter(Boolean)
}
