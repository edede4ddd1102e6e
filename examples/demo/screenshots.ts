// Makes the pictures of the documentation again: npx tsx examples/demo/screenshots.ts [folder] [light|dark]
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { launchBrowser } from './browser.ts'
import { spawnDemo } from './spawn.ts'

const [folder = fileURLToPath(new URL('../../docs', import.meta.url)), scheme = 'light'] = process.argv.slice(2)
const colorScheme = scheme === 'dark' ? 'dark' : 'light'

/** From the top of the page to the end of `last`. */
async function shoot(browser: Browser, url: string, width: number, last: string, file: string): Promise<void> {
  const viewport = { width, height: 900 }
  const page = await browser.newPage({ viewport, deviceScaleFactor: 2, colorScheme, reducedMotion: 'reduce' })
  await page.goto(url)
  // The page asks for these last.
  await page.locator('[data-trial="stop"] dd').first().waitFor()
  const box = await page.locator(last).boundingBox()
  if (!box) throw new Error(`the page shows no ${last}`)
  const height = Math.ceil(box.y + box.height) + 24
  await page.screenshot({ path: join(folder, file), clip: { x: 0, y: 0, width, height }, fullPage: true })
  await page.close()
}

const demo = await spawnDemo()
const browser = await launchBrowser()
try {
  await shoot(browser, demo.url, 1280, '#trials', 'demo.png')
  await shoot(browser, demo.url, 390, '.cause >> nth=0', 'demo-390.png')
  if (process.argv[2]) await shoot(browser, demo.url, 390, '#footnote', 'demo-390-all.png')
} finally {
  await browser.close()
  await demo.close()
}
