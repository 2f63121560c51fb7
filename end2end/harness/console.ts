// The way into the console: set up through the one-time link, or signed in.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import type { Signalbox } from './signalbox.ts';

export const ADMIN = {
  name: 'Priya Raman',
  email: 'priya@harbourline.example',
  password: 'correct-horse-rail',
  organization: 'Harbourline Freight',
};

const setUp = new WeakSet<Signalbox>();

/** Signs the administrator in; the first time on a server that means to set it up. Ends on the dashboard. */
export async function signIn(page: Page, signalbox: Signalbox): Promise<void> {
  if (setUp.has(signalbox)) {
    await page.goto('/login');
    await fillSignIn(page, ADMIN.email, ADMIN.password);
  } else {
    setUp.add(signalbox);
    await page.goto(signalbox.setupLink);
    await page.getByLabel('Your name').fill(ADMIN.name);
    await page.getByLabel('Email').fill(ADMIN.email);
    await page.getByLabel('Password').fill(ADMIN.password);
    await page.getByLabel('Organization').fill(ADMIN.organization);
    await page.getByRole('button', { name: 'Create administrator and organization' }).click();
  }
  await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
}

export async function fillSignIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Fails when axe finds something on the page, or on the part of it that is named. */
export async function expectAccessible(page: Page, part?: string): Promise<void> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (part ? axe.include(part) : axe).analyze();
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join('\n  ')}`);
  expect(found).toEqual([]);
}
