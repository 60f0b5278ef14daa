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
