// SPDX-License-Identifier: Apache-2.0

/// The style and the script of ``TreePage``; nothing of a log comes into them.
enum TreePageParts {
  /// Levels that are set in further; what is deeper stands where the last one does.
  static let mostLevels = 40

  static let style =
    """
    :root { color-scheme: light dark; }
    body { font: 14px/1.5 ui-monospace, monospace; margin: 0; }
    header { position: sticky; top: 0; padding: .6em 1em; background: Canvas; border-bottom: 1px solid GrayText; }
    #search { width: 24em; max-width: 60vw; font: inherit; }
    #summary { margin: 1em; padding: .6em 1em; border-left: 4px solid; white-space: pre-wrap; overflow-wrap: anywhere; }
    #summary.complete { border-color: green; }
    #summary.incomplete { border-color: darkorange; }
    main { padding: 0 1em 2em; }
    [role=treeitem] { overflow-wrap: anywhere; }
    [role=treeitem][hidden] { display: none; }
    [role=treeitem]::before { display: inline-block; width: 1.5em; content: ""; }
    [aria-expanded=true]::before { content: "\\25BE"; }
    [aria-expanded=false]::before { content: "\\25B8"; }
    [aria-expanded] { cursor: pointer; }
    .vm .name, .process .name, .helper .name { font-weight: bold; }
    .counts, .time { color: GrayText; }
    .permissions { color: royalblue; }
    .denied { color: crimson; }
    .match .name { background: Mark; color: MarkText; }

    """ + (0...mostLevels).map { ".l\($0) { margin-left: \($0 * 15)px; }" }.joined(separator: "\n") + "\n"

  /// Rows are hidden while one above them is folded; while there is a search, what it found and what stands above that is
  /// shown.
  static let script = """
    'use strict';
    const rows = Array.from(document.querySelectorAll('[role=treeitem]'));
    const levels = rows.map((row) => Number(row.getAttribute('aria-level')));
    const search = document.getElementById('search');
    const found = document.getElementById('found');
    const texts = rows.map((row) => row.textContent.toLowerCase());

    // What a row stands below, one name after the other: a path is found though it stands in several rows.
    const paths = [];
    const above = [];
    rows.forEach((row, index) => {
      above.length = levels[index] - 1;
      above.push(row.querySelector('.name').textContent.toLowerCase());
      paths.push(above.slice(-8).join(''));
    });

    function show() {
      const wanted = search.value.trim().toLowerCase();
      if (wanted) showFound(wanted); else showUnfolded();
    }

    function showUnfolded() {
      let folded = Infinity;
      rows.forEach((row, index) => {
        if (levels[index] <= folded) folded = Infinity;
        row.hidden = folded < levels[index];
        row.classList.remove('match');
        if (folded === Infinity && row.getAttribute('aria-expanded') === 'false') folded = levels[index];
      });
      found.textContent = '';
    }

    function showFound(wanted) {
      let count = 0;
      let needed = 0;
      for (let index = rows.length - 1; index >= 0; index--) {
        const isLeaf = !rows[index].hasAttribute('aria-expanded');
        const matches = texts[index].includes(wanted) || (isLeaf && paths[index].includes(wanted));
        const shown = matches || levels[index] < needed;
        rows[index].hidden = !shown;
        rows[index].classList.toggle('match', matches);
        if (matches) count++;
        if (shown) needed = levels[index];
      }
      found.textContent = count + (count === 1 ? ' row' : ' rows') + ' found';
    }

    function fold(row) {
      if (!row.hasAttribute('aria-expanded')) return;
      row.setAttribute('aria-expanded', String(row.getAttribute('aria-expanded') !== 'true'));
      show();
    }

    function foldAll(expanded) {
      rows.forEach((row) => { if (row.hasAttribute('aria-expanded')) row.setAttribute('aria-expanded', expanded); });
      show();
    }

    document.getElementById('tree').addEventListener('click', (event) => {
      const row = event.target.closest('[role=treeitem]');
      if (row) fold(row);
    });
    document.getElementById('tree').addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      fold(event.target);
    });
    document.getElementById('unfold').addEventListener('click', () => foldAll('true'));
    document.getElementById('fold').addEventListener('click', () => foldAll('false'));
    search.addEventListener('input', show);

    """
}
