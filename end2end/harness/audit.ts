// What assistive technology and fingers need of a screen as it stands: axe in both themes and on a phone, targets
// that are large enough, and nothing that has to be scrolled sideways.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const LOOKS = [
  { name: 'light', colorScheme: 'light', size: DESKTOP },
  { name: 'dark', colorScheme: 'dark', size: DESKTOP },
  { name: '390 px', colorScheme: 'light', size: PHONE },
  { name: '390 px, dark', colorScheme: 'dark', size: PHONE },
] as const;

/** Everything that is wrong with `page` as it stands, in every look; empty when nothing is. Leaves it as it was. */
export async function audit(page: Page): Promise<string[]> {
  const found: string[] = [];
  const before = page.viewportSize();
  for (const { name, colorScheme, size } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(size);
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
    for (const { id, impact, help, nodes } of violations) {
      const places = nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`);
      found.push(`${name}, ${id} (${impact}): ${help}\n  ${places.join('\n  ')}`);
    }
    found.push(...(await smallTargets(page)).map((target) => `${name}, target smaller than 24 px: ${target}`));
    found.push(...(await sideways(page)).map((place) => `${name}, scrolls sideways: ${place}`));
  }
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
  return found;
}

/**
 * WCAG 2.2, 2.5.8: targets that are smaller than 24 by 24 px and stand so close to another that a circle of 24 px
 * around them touches it or its circle. Links inside of sentences are exempt, and so are the cells of the heatmap: what
 * they do the filters and the range do as well, with targets that are large enough.
 */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const SIZE = 24;
    const selector =
      'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=tab], [role=treeitem], [role=option], [role=gridcell][tabindex], [role=separator][tabindex]';
    const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
    const isSeen = (element: Element) => {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0 || !element.checkVisibility({ visibilityProperty: true })) return false;
      // What another thing lies over, or what is scrolled away, cannot be hit.
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      const hit = document.elementFromPoint(x, y);
      return hit !== null && (element.contains(hit) || hit.contains(element));
    };
    // A switch in a label is hit through the label.
    const area = (element: Element) => (element.closest('label') ?? element).getBoundingClientRect();
    const inSentence = (element: Element) =>
      element.tagName === 'A' &&
      getComputedStyle(element).display === 'inline' &&
      (element.parentElement?.textContent?.trim().length ?? 0) > (element.textContent?.trim().length ?? 0);
    const targets = [...top.querySelectorAll(selector)].filter((it) => isSeen(it) && !inSentence(it) && !it.matches('.hitmap-cell'));
    const boxes = targets.map(area);
    const small = (box: DOMRect) => box.width < SIZE - 0.5 || box.height < SIZE - 0.5;
    const touches = (box: DOMRect, other: DOMRect) => {
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      if (small(other)) {
        const distance = Math.hypot(other.left + other.width / 2 - x, other.top + other.height / 2 - y);
        return distance < SIZE - 0.5;
      }
      const dx = Math.max(other.left - x, 0, x - other.right);
      const dy = Math.max(other.top - y, 0, y - other.bottom);
      return Math.hypot(dx, dy) < SIZE / 2 - 0.5;
    };
    return targets.flatMap((target, at) => {
      const box = boxes[at]!;
      if (!small(box)) return [];
      const close = boxes.findIndex((other, index) => {
        const same = index === at || targets[index]!.contains(target) || target.contains(targets[index]!);
        return !same && touches(box, other);
      });
      if (close < 0) return [];
      const name = (it: Element) => `<${it.tagName.toLowerCase()} class="${it.className}"> ${(it.getAttribute('aria-label') ?? it.textContent ?? '').trim().slice(0, 40)}`;
      return [`${name(target)} ${Math.round(box.width)}×${Math.round(box.height)}, near ${name(targets[close]!)}`];
    });
  });
}

/** What is wider than the window, so that it could only be read by scrolling in two directions; tables and code may. */
export function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.scrollingElement!;
    const wide = root.scrollWidth > root.clientWidth ? [`the page is ${root.scrollWidth} px wide, the window ${root.clientWidth}`] : [];
    const boxes = [...document.querySelectorAll('.drawer, .drawer-body, dialog[open], .dialog-body, .sheet-body, main')];
    for (const box of boxes) {
      if (box.scrollWidth > box.clientWidth + 1) {
        wide.push(`.${box.className || box.tagName} is ${box.scrollWidth} px wide and has ${box.clientWidth}`);
      }
    }
    return wide;
  });
}
