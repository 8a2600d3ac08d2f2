// Opens reports in Debian's Chromium as people would: on a desktop and on a phone, light and dark, and printed. Fails where a page asks for
// anything, runs or logs an error, needs sideways scrolling, has too little contrast or another fault that axe-core finds, or hides from
// the keyboard what a pointer reaches. Leaves pictures to be looked at, which no tool replaces.
//
//   npm install --prefix BROWSER playwright-core axe-core && apt-get install -y chromium
//   NODE_PATH=BROWSER/node_modules node tools/check-report.mjs FOLDER REPORT…
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.NODE_PATH ? join(resolve(process.env.NODE_PATH), 'x.js') : import.meta.url);
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const [folder, ...reports] = process.argv.slice(2);
if (!reports.length) throw new Error('name a folder for the pictures and at least one report');
mkdirSync(folder, { recursive: true });
const screens = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 }, narrow: { width: 320, height: 640 } };
const faults = [];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const report of reports) {
  const name = join(folder, `${basename(dirname(resolve(report)))}-${basename(report, '.html')}`);
  for (const [screen, viewport] of Object.entries(screens))
    for (const colorScheme of screen === 'narrow' ? ['light'] : ['light', 'dark']) {
      const place = `${report}, ${screen}, ${colorScheme}`;
      const page = await browser.newPage({ viewport, colorScheme, deviceScaleFactor: screen === 'phone' ? 2 : 1 });
      const address = pathToFileURL(resolve(report)).href;
      page.on('console', message => faults.push(`${place}: console: ${message.text()}`));
      page.on('pageerror', error => faults.push(`${place}: error: ${error.message}`));
      page.on('request', request => {
        if (request.url() !== address && !request.url().startsWith('data:')) faults.push(`${place}: asks for ${request.url()}`);
      });
      page.on('dialog', dialog => { faults.push(`${place}: dialog ${dialog.message()}`); dialog.dismiss(); });
      await page.goto(address);

      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) faults.push(`${place}: ${wide} pixels wider than the screen`);
      for (const fault of await page.evaluate(overlaps)) faults.push(`${place}: ${fault}`);
      if (screen !== 'narrow') await page.screenshot({ path: `${name}-${screen}-${colorScheme}.png`, fullPage: true });

      await page.evaluate(() => document.querySelectorAll('details').forEach(one => { one.open = true; }));
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wider > 0) faults.push(`${place}: ${wider} pixels wider than the screen once all tables are open`);
      await page.evaluate(axe);
      const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
      for (const violation of found.violations)
        faults.push(`${place}: ${violation.id}: ${violation.help}: ${violation.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')}`
          + ` (${violation.nodes.length}) ${violation.nodes[0].failureSummary?.replaceAll('\n', ' ').slice(0, 200)}`);
      await page.evaluate(() => document.querySelectorAll('details').forEach(one => { one.open = false; }));

      if (screen === 'desktop' && colorScheme === 'light') {
        // Every summary and every link takes the focus, shows it, and Enter opens.
        const stops = await page.evaluate(() => document.querySelectorAll('summary, a[href], main > * .scroll, .wide').length);
        const reached = new Set();
        for (let i = 0; i < 3 * stops + 10; i++) {
          await page.keyboard.press('Tab');
          const at = await page.evaluate(() => {
            const one = document.activeElement;
            if (!one || one === document.body) return null;
            const style = getComputedStyle(one);
            return { what: `${one.tagName} ${[...document.querySelectorAll('*')].indexOf(one)}`, seen: style.outlineStyle !== 'none' };
          });
          if (!at) continue;
          if (!at.seen) faults.push(`${place}: no focus is seen on ${at.what}`);
          if (at.what.startsWith('SUMMARY') && !reached.has(at.what)) {
            await page.keyboard.press('Enter');
            if (!await page.evaluate(() => document.activeElement.parentElement.open)) faults.push(`${place}: Enter does not open ${at.what}`);
          }
          reached.add(at.what);
        }
        const missed = await page.evaluate(known => [...document.querySelectorAll('summary, a[href]')]
          .filter(one => !known.includes(`${one.tagName} ${[...document.querySelectorAll('*')].indexOf(one)}`)).map(one => one.textContent),
          [...reached]);
        for (const one of missed) faults.push(`${place}: the keyboard does not reach ${one}`);
        await page.pdf({ path: `${name}.pdf`, format: 'A4', printBackground: true, margin: { top: '12mm', bottom: '12mm', left: '12mm', right: '12mm' } });
      }
      await page.close();
    }
}
await browser.close();

for (const fault of faults) console.log(fault);
console.log(`${reports.length} reports, ${faults.length} faults, pictures in ${folder}`);
process.exit(faults.length ? 1 : 0);

// Texts of a drawing that lie over each other, or leave it.
function overlaps() {
  const faults = [];
  for (const svg of document.querySelectorAll('figure svg[role=img]')) {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].filter(one => one.textContent).map(one => ({ says: one.textContent, box: one.getBoundingClientRect() }));
    const title = svg.closest('figure').querySelector('strong')?.textContent;
    for (const [i, one] of texts.entries()) {
      if (one.box.left < frame.left - 2 || one.box.right > frame.right + 2) faults.push(`in '${title}' the text '${one.says}' leaves the drawing`);
      for (const other of texts.slice(i + 1)) {
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (across > 1 && down > 3) faults.push(`in '${title}' the texts '${one.says}' and '${other.says}' meet`);
      }
    }
  }
  return faults;
}
