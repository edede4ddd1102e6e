/** An element: `h('p', { class: 'note' }, 'text', child)`. Attributes that are undefined or false are left out. */
export function h(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children)
}

/** The same for SVG. */
export function s(name, attributes, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children)
}

/** One of the three marks of the page. */
export function mark(outcome) {
  const shape = outcome === 'failed' ? 'lost' : outcome
  const use = s('use', { href: `#mark-${shape}` })
  return s('svg', { class: 'mark', 'data-outcome': outcome, 'aria-hidden': 'true' }, use)
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === 'function') element.addEventListener(name, value)
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children.filter((child) => child !== undefined))
  return element
}
