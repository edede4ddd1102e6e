export { undiciHop } from './hop-undici/undici-hop.ts'
