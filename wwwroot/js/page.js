// Small things of every page that need no circuit: theme, copying, menus, keys. Each is extra: without this file the
// page still works.
(() => {
  'use strict';
  const root = document.documentElement;

  // --- theme: saves the reload the form would cost -----------------------------------------------------------------
  const markTheme = () => document.querySelectorAll('[data-theme-form] button').forEach(
    button => button.setAttribute('aria-pressed', String(button.value === root.dataset.theme)));

  document.addEventListener('submit', event => {
    const form = event.target;
    const button = event.submitter;
    if (!(form instanceof HTMLFormElement) || !form.matches('[data-theme-form]') || !button) return;
    event.preventDefault();
    root.dataset.theme = button.value;
    markTheme();
    const body = new URLSearchParams({ theme: button.value, returnUrl: '/' });
    fetch(form.action, { method: 'POST', body, redirect: 'manual' }).catch(() => { /* kept for this page at least */ });
  });

  // --- copying -----------------------------------------------------------------------------------------------------
  const announce = text => {
    const region = document.getElementById('announcer');
    if (region) region.textContent = text;
  };

  document.addEventListener('click', async event => {
    const button = event.target.closest?.('[data-copy]');
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.dataset.copied = '';
      announce('Copied');
      setTimeout(() => { delete button.dataset.copied; announce(''); }, 2000);
    } catch {
      announce('The browser did not allow copying');
    }
  });

  // --- menus are <details class="menu">: close on a press elsewhere, on Escape, and after a choice ------------------
  const openMenus = () => document.querySelectorAll('details.menu[open]');
  document.addEventListener('click', event => {
    for (const menu of openMenus()) {
      if (!menu.contains(event.target) || event.target.closest('.menu-panel a')) menu.open = false;
    }
  });

  // --- keys: only inside a list marked data-keys, never while somebody types, and they can be turned off ------------
  const keysOff = () => localStorage.getItem('sv-keys') === 'off';
  const typing = target => target.closest?.('input:not([type=radio],[type=checkbox]), textarea, select, [contenteditable]');
  const press = (scope, key) => {
    const button = scope?.querySelector(`[data-key="${CSS.escape(key)}"]:not([disabled])`);
    if (button && !button.closest('[inert]')) button.click();
    return Boolean(button);
  };

  document.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      for (const menu of openMenus()) {
        menu.open = false;
        menu.querySelector('summary')?.focus();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || keysOff()) return;
    if (document.querySelector('.rz-dialog') && !event.target.closest('.rz-dialog')) return;

    if (event.key === '?') {
      document.querySelector('[data-shortcut-help]')?.click();
    } else if (event.key === '/') {
      const search = document.querySelector('[data-search]');
      if (!search) return;
      event.preventDefault();
      search.focus();
    } else {
      const list = event.target.closest('[data-keys]');
      if (!list) return;
      const items = [...list.querySelectorAll('[data-key-item]')];
      const at = items.findIndex(item => item.contains(event.target));
      if (event.key === 'j' || event.key === 'k') {
        const next = items[Math.max(0, Math.min(items.length - 1, at + (event.key === 'j' ? 1 : -1)))];
        const focusable = next?.matches('a,button,[tabindex]') ? next : next?.querySelector('a[href],button:not([disabled]),input:not([disabled]),[tabindex]');
        focusable?.focus();
        next?.scrollIntoView({ block: 'nearest' });
        event.preventDefault();
      } else if (event.key.length === 1) {
        if (press(items[at], event.key) || press(document.querySelector('.decision-bar'), event.key)) event.preventDefault();
      }
    }
  });

  // --- dialogs: the focus goes back to where it came from, also when the dialog was closed before Radzen noted that ---
  let outside = null;
  let dialogOpen = false;
  document.addEventListener('focusin', event => { if (!event.target.closest('.rz-dialog')) outside = event.target; });
  const dialogsChanged = () => {
    const open = document.querySelector('.rz-dialog') !== null;
    if (dialogOpen && !open && outside?.isConnected && [null, document.body].includes(document.activeElement)) outside.focus();
    dialogOpen = open;
  };

  // The switch inside the "?" dialog appears later, so it is found when it is touched or shown.
  document.addEventListener('change', event => {
    if (event.target.matches?.('[data-keys-switch]')) localStorage.setItem('sv-keys', event.target.checked ? 'on' : 'off');
  });
  new MutationObserver(() => {
    dialogsChanged();
    const box = document.querySelector('[data-keys-switch]:not([data-ready])');
    if (!box) return;
    box.dataset.ready = '';
    box.checked = !keysOff();
  }).observe(document.body, { childList: true, subtree: true });
})();
