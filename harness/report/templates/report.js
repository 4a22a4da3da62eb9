(() => {
  'use strict'
  const all = (selector, from = document) => [...from.querySelectorAll(selector)]
  document.documentElement.lang = 'en'

  // Filters: pressed outcomes and a text. The two toolbars differ only in what their rows are.
  const rowsOf = {
    fields: () => all('.matrix tr[data-outcome]').map((row) => ({ row, outcome: row.dataset.outcome })),
    cases: () => all('#results-table > tbody').map((row) => ({
      row, outcome: (row.querySelector('.col-outcome .pill')?.className.match(/o-([a-z-]+)/) || [])[1],
    })),
  }
  const textOf = (row) => (row.querySelector('.collapsible') || row).textContent.toLowerCase()
  const apply = (bar) => {
    const pressed = all('[data-filter][aria-pressed=true]', bar).map((button) => button.dataset.filter).filter(Boolean)
    const words = bar.querySelector('input').value.toLowerCase().split(/\s+/).filter(Boolean)
    const rows = rowsOf[bar.dataset.for]()
    let shown = 0
    for (const { row, outcome } of rows) {
      const text = words.length ? textOf(row) : ''
      row.hidden = (pressed.length > 0 && !pressed.includes(outcome)) || !words.every((word) => text.includes(word))
      shown += row.hidden ? 0 : 1
    }
    bar.querySelector('output').textContent = shown === rows.length ? '' : `${shown} of ${rows.length} shown`
    all('.matrix tbody').forEach((group) => {
      group.hidden = !group.querySelector('tr[data-outcome]:not([hidden])')
    })
  }
  const press = (bar, filter, only) => {
    const buttons = all('[data-filter]', bar)
    const set = (button, on) => button.setAttribute('aria-pressed', String(on))
    for (const button of buttons) {
      const mine = button.dataset.filter === filter
      if (!filter || only) set(button, mine)
      else if (mine) set(button, button.getAttribute('aria-pressed') !== 'true')
    }
    const none = !buttons.some((button) => button.dataset.filter && button.getAttribute('aria-pressed') === 'true')
    set(buttons[0], none)
    apply(bar)
  }
  const toolbar = (name) => document.querySelector(`.toolbar[data-for=${name}]`)

  // Cases: opening one does not draw the whole table again, as pytest-html's own way does.
  const open = new Set()
  // A case is written before it is known which cases report the fault that prevents it.
  const nameBlockers = (body) => {
    const place = body.querySelector('.blocked-by:empty')
    const known = all('[data-blocked]', document.getElementById('blockers').content)
    const names = place && known.find((each) => each.dataset.blocked === body.id)
    if (names) place.append(names.cloneNode(true))
  }
  const show = (body, on) => {
    const extras = body.querySelector('.extras-row')
    if (!extras) return
    on ? open.add(body.id) : open.delete(body.id)
    if (on) nameBlockers(body)
    extras.classList.toggle('hidden', !on)
    body.querySelector('.opener')?.setAttribute('aria-expanded', String(on))
  }
  const goTo = () => {
    const body = document.getElementById(decodeURIComponent(location.hash.slice(1)))
    if (!body?.closest('#results-table')) return
    if (body.hidden) {
      toolbar('cases').querySelector('input').value = ''
      press(toolbar('cases'), '')
    }
    show(body, true)
    body.classList.add('flash')
    body.scrollIntoView()
  }
  const redrawn = () => {
    all('#results-table > tbody').forEach((body) => show(body, open.has(body.id)))
    apply(toolbar('cases'))
  }

  document.addEventListener('click', (event) => {
    const at = event.target
    const row = at.closest('#results-table .collapsible')
    if (row) {
      event.stopImmediatePropagation()
      const body = row.parentElement
      if (!at.closest('a') && (at.closest('.opener') || !String(getSelection()))) show(body, !open.has(body.id))
      return
    }
    const bar = at.closest('.toolbar')
    const button = at.closest('button')
    if (bar && button?.dataset.filter !== undefined) press(bar, button.dataset.filter)
    if (button?.dataset.fold) {
      all('#results-table > tbody:not([hidden])').forEach((body) => show(body, button.dataset.fold === 'open'))
    }
    if (button?.classList.contains('copy')) copy(button)
    const tile = at.closest('a[data-show]')
    if (tile) press(toolbar('cases'), tile.dataset.show, true)
    const link = at.closest('a[href^="#case-"]')
    if (link && link.hash === location.hash) goTo()
  }, true)
  document.addEventListener('input', (event) => {
    const bar = event.target.closest('.toolbar')
    if (bar) apply(bar)
  })
  const copy = async (button) => {
    const pre = button.previousElementSibling
    try {
      await navigator.clipboard.writeText(pre.textContent)
    } catch {
      getSelection().selectAllChildren(pre)
      document.execCommand('copy')
    }
    button.textContent = 'Copied'
    setTimeout(() => { button.textContent = 'Copy' }, 1500)
  }

  document.addEventListener('DOMContentLoaded', () => {
    // pytest-html's own facts go to the end of the page.
    const about = document.createElement('div')
    about.id = 'about'
    const table = document.getElementById('environment')
    const header = document.getElementById('environment-header')
    about.append(...all('body > p'), header, table)
    header.classList.add('collapsed')
    table.classList.add('hidden')
    document.body.append(about)

    // Sticky headers stand below the toolbar, however many lines that has.
    const bar = toolbar('fields')
    const measure = () => {
      const sticky = getComputedStyle(bar).position === 'sticky'
      document.documentElement.style.setProperty('--bar', sticky ? `${bar.offsetHeight - 1}px` : '0px')
    }
    new ResizeObserver(measure).observe(bar)
    measure()

    redrawn()
    // pytest-html replaces its whole table when it sorts.
    new MutationObserver((changes) => {
      const drawn = (node) => node.id === 'results-table'
      if (changes.some((change) => [...change.addedNodes].some(drawn))) redrawn()
    }).observe(document.body, { childList: true })
    addEventListener('hashchange', goTo)
    if (location.hash) goTo()
  })
})()
