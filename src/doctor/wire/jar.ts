/**
 * Cookies as browsers keep them, with the list of public suffixes. The build makes one file of it for all entries,
 * which nothing but the doctor loads.
 */
export { Cookie, CookieJar, domainMatch, getPublicSuffix, pathMatch } from 'tough-cookie'
