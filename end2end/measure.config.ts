// Measurements in the browser, one after the other: `cargo xtask test --only browser -- --config measure.config.ts`.
import tests from './playwright.config.ts';

export default { ...tests, testDir: './measure', testMatch: '*.measure.ts', workers: 1 };
