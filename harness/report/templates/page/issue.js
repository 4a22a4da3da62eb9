// Texts of issues in Markdown. What came from the target stands in fenced blocks.
const MOST = 3000 // characters of an answer
const heading = () => `Target: ${index.target}\nTested with: ${index.subject}, harness ${index.harness}${index.date ? `, ${index.date}` : ''}\n`
const section = (title, text, language) => (text ? `\n**${title}**\n\n${fenced(text, language)}` : '')
const sourcesOf = (sources) => sources.map(([title, url]) => `- ${url ? `[${title.replace(/[[\]]/g, '')}](${url})` : title}`).join('\n')
const faultIssue = (fault) => {
  const sources = fault.source.length ? `\n\n${sourcesOf(fault.source)}` : ''
  return `### ${fault.title}\n\n${heading()}`
    + `${plural(fault.cases.length, 'case')}, ${plural(fault.shots, 'request')}${fault.scope ? `, ${fault.scope}` : ''}; rule [\`${fault.rule}\`](${fault.rule_url})\n`
    + section('Sent', fault.sent) + section('Came back', fault.got.join('\n')) + section('Expected', fault.expected)
    + (fault.promised ? `\n**Promised**: ${fault.promised}${sources}\n` : sources)
    + (fault.why ? `\n**Why it matters**: ${fault.why}\n` : '') + (fault.hint ? `\n**Look first**: ${fault.hint}\n` : '')
    + section('Repeat', repeatCommand(fault.cases[0]), 'sh')
}
const answerText = (answer) => [`${answer.http_version} ${answer.status ?? answer.end} ${answer.said}`.trim(),
  answer.events.length ? answer.events.map(([, text]) => text).join('\n\n') : answer.body].join('\n\n').slice(0, MOST)
const caseIssue = ({ about, shots }) => {
  const worst = about.failed[0]
  const [id] = worst?.shots.find(([each]) => shots.has(each)) || [[...shots.keys()][0]]
  const shot = shots.get(id)
  return `### ${about.name}: ${worst ? worst.sentence : about.outcome}\n\n${heading()}`
    + `${about.why ? `\n**Promised**: ${about.why}\n\n${sourcesOf(about.source)}\n` : ''}`
    + section('Expected', worst?.expected) + section('Came back', worst && (worst.got || 'nothing')) + section('Reason', about.reason)
    + (shot ? section('Request', shot.request.curl || shot.request.body, 'sh') + section('Answer', answerText(shot.answer)) : '')
    + section('Repeat', repeatCommand(about.name), 'sh')
}
