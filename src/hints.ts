/**
 * Values for the option `hint` where a load balancer matches no plain name.
 *
 * @example
 * ```ts
 * sticky({ hint: { cookie: 'route', value: apacheRoute('web1') } })
 * ```
 */
export { apacheRoute, caddyUpstream, traefikServer } from './core/hint-values.ts'
