import { html, type Markup, style } from './html.ts'
import { type Cart, findProduct, type Product, products } from './shop.ts'

/** What every page shows around its content. */
export interface Visit {
  readonly user: string | undefined
  readonly cart: Cart
  /** Something the visitor should know, in one sentence. */
  readonly notice?: string | undefined
  /** Which backend answered, and whose session it is: what you want to see while you try a load balancer. */
  readonly backend: string
  readonly owner: string
}

export function shopPage(visit: Visit): string {
  return page(
    'Everything for the rock pool',
    html`<ul class="shelf">${products.map(
      (product) => html`<li>
        <strong><span>${product.name}</span><span>${euros(product.price)}</span></strong>
        <p>${product.note}</p>
        <form method="post" action="/cart">
          <button name="sku" value="${product.sku}" aria-label="Add ${product.name} to the cart">Add to the cart</button>
        </form>
      </li>`,
    )}</ul>`,
    visit,
  )
}

export function cartPage(visit: Visit): string {
  const lines = Object.entries(visit.cart).flatMap(([sku, count]) => {
    const product = findProduct(sku)
    return product ? [{ product, count }] : []
  })
  if (lines.length === 0) return page('Your cart', html`<p>It is empty. <a href="/">Have a look around.</a></p>`, visit)
  const total = lines.reduce((sum, { product, count }) => sum + product.price * count, 0)
  return page(
    'Your cart',
    html`<div class="panel"><table>
      <thead><tr><th>Item</th><th class="n">Count</th><th class="n">Price</th><th></th></tr></thead>
      <tbody>${lines.map(cartLine)}
      <tr><th>Together</th><td class="n">${countOf(visit.cart)}</td><td class="n">${euros(total)}</td><td></td></tr></tbody>
    </table></div>`,
    visit,
  )
}

function cartLine({ product, count }: { product: Product; count: number }): Markup {
  return html`<tr><td>${product.name}</td><td class="n" data-sku="${product.sku}">${count}</td>
    <td class="n">${euros(product.price * count)}</td>
    <td class="n"><form method="post" action="/cart/remove"><button class="quiet" name="sku" value="${product.sku}"
      aria-label="Remove ${product.name}">Remove</button></form></td></tr>`
}

export function loginPage(visit: Visit, failed?: { name: string }): string {
  return page(
    'Log in',
    html`<div class="panel"><form method="post" action="/login">
      <label>Name <input name="name" autocomplete="username" required value="${failed?.name}"></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
      <button>Log in</button>
    </form></div><p>Try <b>ada</b> or <b>grace</b> with the password <b>limpet</b>.</p>`,
    failed ? { ...visit, notice: 'This name and this password do not go together.' } : visit,
  )
}

/** A page that needs no session, so that it can be shown when there is none to be had. */
export function messagePage(title: string, text: string): string {
  return document(
    title,
    html`<header><a class="name" href="/">Low Tide</a></header>
    <main><h1>${title}</h1><p>${text}</p><p><a href="/">Back to the shop</a></p></main>`,
  )
}

function page(title: string, content: Markup, visit: Visit): string {
  const account = visit.user
    ? html`<span>Hello, <b id="user">${visit.user}</b></span><form method="post" action="/logout"><button class="quiet">Log out</button></form>`
    : html`<a href="/login">Log in</a>`
  return document(
    title,
    html`<header><a class="name" href="/">Low Tide</a>
      <nav><a href="/cart">Cart (<span id="count">${countOf(visit.cart)}</span>)</a>${account}</nav></header>
    ${visit.notice ? html`<p class="notice" role="status">${visit.notice}</p>` : undefined}
    <main><h1>${title}</h1>${content}</main>
    <footer>Answered by backend <b id="backend">${visit.backend}</b>; this session belongs to <b id="owner">${visit.owner}</b>.</footer>`,
  )
}

function document(title: string, body: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} - Low Tide</title>${style}</head>
<body>${body}</body>
</html>
`.text
}

function countOf(cart: Cart): number {
  return Object.values(cart).reduce((sum, count) => sum + count, 0)
}

function euros(cents: number): string {
  return `€${(cents / 100).toFixed(2)}`
}
