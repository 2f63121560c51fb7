// A dynamic import, which Rust cannot write: the module is fetched when the first editor opens, not before.
export function load(address) {
  return import(address);
}
