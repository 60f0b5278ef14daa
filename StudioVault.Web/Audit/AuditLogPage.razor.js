// Where the open entry takes the place of the list (tablet, phone), the focus goes with it and comes back to its line.
export function settle(left, open) {
  const list = document.querySelector('.audit-main');
  const alone = list && getComputedStyle(list).display === 'none';
  const heading = document.querySelector('.audit-side h2');
  if (open && heading && alone) {
    window.scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  } else if (!open && left && !document.activeElement?.matches('.audit-main *')) {
    const line = document.querySelector(`[data-entry="${CSS.escape(left)}"] .row-link`);
    line?.scrollIntoView({ block: 'nearest' });
    line?.focus({ preventScroll: true });
  }
}

// Following: before new lines come in, the line that is being read is remembered; afterwards it stands where it stood. Being
// read is what has the focus or the mouse, else the first line in view of a list that was scrolled.
let held = null;
export function hold() {
  held = null;
  const list = document.querySelector('.audit-list');
  if (!list) return;
  const pointed = list.querySelector('[data-entry]:focus-within, [data-entry]:hover');
  const scrolled = list.getBoundingClientRect().top < 0;
  const line = pointed ?? (scrolled ? [...list.querySelectorAll('[data-entry]')].find(l => l.getBoundingClientRect().top >= 0) : null);
  if (line) held = { entry: line.dataset.entry, top: line.getBoundingClientRect().top };
}

export function release() {
  if (!held) return;
  const line = document.querySelector(`[data-entry="${CSS.escape(held.entry)}"]`);
  if (line) window.scrollBy({ top: line.getBoundingClientRect().top - held.top, behavior: 'instant' });
  held = null;
}

// A person's own views, kept on this device.
const KEY = 'sv-audit-views:';
export function views(person) {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY + person) ?? '[]');
    return Array.isArray(kept) ? kept.filter(v => typeof v?.name === 'string' && typeof v?.href === 'string' && v.href.startsWith('/audit')).slice(0, 50) : [];
  } catch {
    return [];
  }
}

export function keepViews(person, list) {
  localStorage.setItem(KEY + person, JSON.stringify(list));
}
