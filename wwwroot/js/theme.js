// Switches the theme without a reload. Without this file the form still works: the server answers with a redirect.
(() => {
  'use strict';
  const root = document.documentElement;
  const mark = () => document.querySelectorAll('[data-theme-form] button').forEach(
    button => button.setAttribute('aria-pressed', String(button.value === root.dataset.theme)));

  document.addEventListener('submit', event => {
    const form = event.target;
    const button = event.submitter;
    if (!(form instanceof HTMLFormElement) || !form.matches('[data-theme-form]') || !button) return;
    event.preventDefault();
    root.dataset.theme = button.value;
    mark();
    const body = new URLSearchParams({ theme: button.value, returnUrl: '/' });
    fetch(form.action, { method: 'POST', body, redirect: 'manual' }).catch(() => { /* kept for this page at least */ });
  });
})();
