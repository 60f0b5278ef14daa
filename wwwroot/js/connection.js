// Starts Blazor.
(() => {
  'use strict';
  Blazor.start();
})();
