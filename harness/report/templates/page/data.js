// The compressed data of the page: an index, and blocks of cases with their exchanges.
const unpack = async (element) => {
  const bytes = Uint8Array.from(atob(element.textContent), (character) => character.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))
  return new Response(stream).json()
}
const blocks = new Map()
const block = (number) => {
  if (!blocks.has(number)) blocks.set(number, unpack(all('script.block')[number]))
  return blocks.get(number)
}
const loadCase = async (line) => {
  const about = (await block(line[BLOCK])).cases[line[NAME]]
  const shots = await Promise.all(Object.entries(about.exchanges).map(
    async ([shot, number]) => [shot, (await block(number)).shots[shot]],
  ))
  return { about, shots: new Map(shots) }
}
// The columns of a line of the index.
const [NAME, TITLE, OUTCOME, GRADE, MARK, TIME, BLOCK, WHY] = [0, 1, 2, 3, 4, 5, 6, 7]
