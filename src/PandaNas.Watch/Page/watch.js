"use strict";
// Everything on the page is made here from what the server sends, as texts and attributes: no text of a run can become markup.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const DASHES = ["", "7 4", "2 3", "9 3 2 3", "4 4", "12 4", "1 4", "6 2 2 2"];
  const runs = new Map(), rows = new Map(), ticked = new Set();
  const by = id => document.getElementById(id);

  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    return fill(element, attributes, children);
  }

  function draw(name, attributes, ...children) {
    return fill(document.createElementNS(SVG, name), attributes, children);
  }

  function fill(element, attributes, children) {
    for (const [key, value] of Object.entries(attributes ?? {})) element.setAttribute(key, value);
    element.append(...children.filter(child => child !== null && child !== undefined));
    return element;
  }

  const percent = value => (value * 100).toFixed(1) + "%";

  function duration(seconds) {
    if (seconds === null || seconds === undefined) return "";
    const whole = Math.max(0, Math.round(seconds)), hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
    return hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
  }

  const size = bytes => bytes < 1 << 20 ? `${(bytes / 1024).toFixed(0)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;

  function timeLeft(run) {
    const left = run.summary.seconds_left;
    return left === null || left === undefined ? null : Math.max(0, left - (Date.now() - run.as_of) / 1000);
  }

  function about(run) {
    const { space, method, architecture, seed, data_set } = run.summary;
    return [run.kind_text, method ?? architecture, seed === null || seed === undefined ? null : `seed ${seed}`, space, data_set]
      .filter(Boolean).join(" · ");
  }

  function reportAddress(name) {
    return "report/" + (name === "." ? "" : name.split("/").map(encodeURIComponent).join("/") + "/") + "report.html";
  }

  // The table of all runs. A row is made once, so that its tick and its focus stay.
  function rowOf(name) {
    if (rows.has(name)) return rows.get(name);
    const box = make("input", { type: "checkbox", "aria-label": `compare ${name}` });
    box.addEventListener("change", () => {
      if (box.checked) ticked.add(name); else ticked.delete(name);
      showComparison();
    });
    const labels = ["", "Run", "State", "Progress", "Time left", "Best figure", "Loss", "Report"];
    const cells = labels.map(label => make("td", { "data-label": label }));
    cells[0].append(box);
    cells[1].className = "name";
    const row = { row: make("tr", {}, ...cells), box, cells };
    rows.set(name, row);
    return row;
  }

  function showRun(run) {
    const { cells } = rowOf(run.name), { summary } = run;
    const name = run.name === "." ? "(this folder)" : run.name;
    cells[1].replaceChildren(make("strong", {}, name), make("small", {}, about(run)),
      ...(summary.problem ? [make("small", { class: "problem" }, summary.problem)] : []));
    cells[2].replaceChildren(make("span", { class: `state ${summary.state}` }, summary.state));
    const unit = ["comparison", "auto"].includes(summary.kind) ? "runs" : "epochs";
    cells[3].replaceChildren(...(summary.planned > 0
      ? [`${summary.done} of ${summary.planned} ${unit}`, make("progress", { max: 1, value: summary.progress, "aria-label": `progress of ${name}` })]
      : []));
    showTimeLeft(run);
    const best = summary.figures[0];
    cells[5].replaceChildren(...(best ? [make("strong", {}, best.text), make("small", { title: best.label }, best.short)] : []));
    cells[6].replaceChildren(...(run.curve.loss.length > 1 ? [sparkline(run.curve.loss)] : []));
    cells[7].replaceChildren(...(run.has_report
      ? [make("a", { href: reportAddress(run.name), target: "_blank", rel: "noopener", "aria-label": `report of ${name}` }, "report")]
      : []));
  }

  function showTimeLeft(run) {
    const { cells } = rowOf(run.name);
    const text = run.summary.state === "running" ? duration(timeLeft(run)) : "";
    if (cells[4].textContent !== text) cells[4].textContent = text;
  }

  function sparkline(values) {
    const least = Math.min(...values), range = Math.max(...values) - least || 1;
    const points = values.map((value, i) => `${(i / (values.length - 1) * 108 + 1).toFixed(1)} ${(28 - (value - least) / range * 26).toFixed(1)}`);
    return draw("svg", { class: "spark", viewBox: "0 0 110 30", role: "img", "aria-label": `loss from ${values[0].toFixed(3)} to ${values.at(-1).toFixed(3)}` },
      draw("path", { d: "M" + points.join("L") }));
  }

  function matches(run, words) {
    const text = `${run.name} ${about(run)} ${run.summary.state}`.toLowerCase();
    return words.every(word => text.includes(word));
  }

  function showTable() {
    const words = by("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = [...runs.values()].filter(run => matches(run, words)).sort((a, b) => a.name < b.name ? -1 : 1).map(run => rowOf(run.name).row);
    const body = document.querySelector("#runs tbody");
    const same = shown.length === body.children.length && shown.every((row, i) => row === body.children[i]);
    if (!same) {
      const focused = document.activeElement;
      body.replaceChildren(...shown);
      if (body.contains(focused)) focused.focus();
    }
    by("runs").hidden = runs.size === 0;
    by("empty").hidden = runs.size > 0;
  }

  // The ticked runs, side by side.
  function chosen() {
    return [...ticked].filter(name => runs.has(name)).sort().map(name => runs.get(name));
  }

  function showComparison() {
    const all = chosen();
    by("none").hidden = all.length === 0;
    by("hint").hidden = all.length > 0;
    const curves = all.filter(run => run.curve.epoch.length > 0);
    showChart("loss", "Loss", "Mean cross-entropy in nats over the images trained in each epoch; lower is better.", curves, value => value.toFixed(3));
    showChart("accuracy", "Accuracy in training", "Share of the images trained that were classified correctly.", curves, percent);
    by("tables").replaceChildren(...(all.length === 0 ? [] : [figuresTable(all), optionsTable(all)]));
  }

  const charts = new Map();

  function showChart(key, title, explanation, all, text) {
    let chart = charts.get(key);
    if (all.length === 0) {
      chart?.figure.remove();
      charts.delete(key);
      return;
    }
    if (!chart) {
      chart = { at: null, plot: make("div", { class: "plot", tabindex: 0, role: "group", "aria-label": `${title}: arrow keys read the values of an epoch` }),
        legend: make("ul", { class: "legend" }), readout: make("p", { class: "readout", "aria-live": "polite" }) };
      chart.figure = make("figure", {}, make("figcaption", {}, make("strong", {}, title), " ", explanation), chart.legend, chart.plot, chart.readout);
      chart.plot.addEventListener("pointermove", event => point(chart, event));
      chart.plot.addEventListener("keydown", event => step(chart, event));
      charts.set(key, chart);
      by("charts").append(chart.figure);
    }
    Object.assign(chart, { key, all, text });
    redraw(chart);
  }

  function ticks(least, most, count) {
    const rough = (most - least) / count || 1, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map(factor => factor * power).find(one => one >= rough);
    const all = [];
    for (let at = Math.ceil(least / step - 1e-9) * step; at <= most + step * 1e-9; at += step) all.push(at);
    return { all, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
  }

  const WIDTH = 560, HEIGHT = 260, LEFT = 52, RIGHT = 12, TOP = 10, BOTTOM = 40;

  function redraw(chart) {
    const values = chart.all.flatMap(run => run.curve[chart.key]), epochs = chart.all.flatMap(run => run.curve.epoch);
    const first = Math.min(...epochs), last = Math.max(...epochs, first + 1);
    let low = Math.min(...values), high = Math.max(...values);
    if (high === low) [low, high] = [low - 0.5, high + 0.5];
    chart.x = epoch => LEFT + (epoch - first) / (last - first) * (WIDTH - LEFT - RIGHT);
    const y = value => HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
    const across = ticks(first, last, 6), up = ticks(low, high, 5);
    const share = chart.key === "accuracy";
    const picture = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${chart.key} over epochs of ${chart.all.length} runs` },
      ...up.all.flatMap(at => [draw("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(at), y2: y(at) }),
        draw("text", { x: LEFT - 6, y: y(at) + 4, "text-anchor": "end" }, share ? `${(at * 100).toFixed(Math.max(0, up.digits - 2))}%` : at.toFixed(up.digits))]),
      ...across.all.filter(at => Number.isInteger(+at.toFixed(6))).map(at =>
        draw("text", { x: chart.x(at), y: HEIGHT - BOTTOM + 18, "text-anchor": "middle" }, at.toFixed(0))),
      draw("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, "epoch"),
      ...chart.all.map((run, i) => {
        const points = run.curve.epoch.map((epoch, j) => `${chart.x(epoch).toFixed(1)} ${y(run.curve[chart.key][j]).toFixed(1)}`);
        return points.length === 1
          ? draw("circle", { class: `dot k${i % 8}`, cx: points[0].split(" ")[0], cy: points[0].split(" ")[1], r: 3.5 })
          : draw("path", { class: `curve k${i % 8}`, d: "M" + points.join("L"), "stroke-dasharray": DASHES[Math.floor(i / 8 + i) % 8] });
      }),
      draw("line", { class: "cursor", y1: TOP, y2: HEIGHT - BOTTOM, visibility: "hidden" }));
    chart.plot.replaceChildren(picture);
    chart.legend.replaceChildren(...chart.all.map((run, i) => make("li", { class: `key k${i % 8}` },
      draw("svg", { viewBox: "0 0 28 10", "aria-hidden": "true" }, draw("path", { d: "M0 5H28", "stroke-dasharray": DASHES[Math.floor(i / 8 + i) % 8] })),
      ` ${run.name}`)));
    [chart.first, chart.last] = [first, last];
    read(chart);
  }

  function point(chart, event) {
    const box = chart.plot.getBoundingClientRect();
    const at = (event.clientX - box.left) / box.width * WIDTH;
    chart.at = Math.round(chart.first + (at - LEFT) / (WIDTH - LEFT - RIGHT) * (chart.last - chart.first));
    read(chart);
  }

  function step(chart, event) {
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
    if (!(event.key in moves)) return;
    event.preventDefault();
    chart.at = (chart.at ?? chart.last) + moves[event.key];
    read(chart);
  }

  function read(chart) {
    if (chart.at === null) return;
    chart.at = Math.min(chart.last, Math.max(chart.first, chart.at));
    const cursor = chart.plot.querySelector(".cursor");
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, chart.x(chart.at));
    cursor.setAttribute("visibility", "visible");
    const parts = chart.all.map(run => {
      // Of a long run not every epoch is here: the next one before.
      const i = run.curve.epoch.findLastIndex(epoch => epoch <= chart.at);
      return i < 0 || chart.at > run.curve.epoch.at(-1) ? null : `${run.name} ${chart.text(run.curve[chart.key][i])}`;
    });
    chart.readout.textContent = `Epoch ${chart.at}: ${parts.filter(Boolean).join(", ") || "none"}`;
  }

  function table(title, heads, lines) {
    return make("div", { class: "wide" }, make("table", {}, make("caption", {}, title),
      make("thead", {}, make("tr", {}, ...heads.map(head => make("th", { scope: "col" }, head)))),
      make("tbody", {}, ...lines.map(line => make("tr", {}, ...line.map((cell, i) => make(i === 0 ? "th" : "td", i === 0 ? { scope: "row" } : {}, cell)))))));
  }

  function figuresTable(all) {
    const labels = [...new Set(all.flatMap(run => run.summary.figures.map(figure => figure.label)))];
    return table("Figures", ["", ...all.map(run => run.name)], [
      ["state", ...all.map(run => run.summary.state)],
      ["trained", ...all.map(run => duration(run.summary.seconds))],
      ["size", ...all.map(run => size(run.summary.bytes))],
      ["last written", ...all.map(run => new Date(run.summary.changed).toLocaleString())],
      ...labels.map(label => [label, ...all.map(run => run.summary.figures.find(figure => figure.label === label)?.text ?? "")]),
    ]);
  }

  function optionsTable(all) {
    const keys = [...new Set(all.flatMap(run => Object.keys(run.options)))].sort();
    const shown = all.length === 1 ? keys : keys.filter(key => all.every(run => key in run.options) && new Set(all.map(run => run.options[key])).size > 1);
    if (shown.length === 0) return make("p", {}, "The options that all have are the same.");
    return table(all.length === 1 ? "Options" : "Options that all have and that differ", ["", ...all.map(run => run.name)],
      shown.map(key => [key, ...all.map(run => run.options[key] ?? "")]));
  }

  // What the server tells.
  let pending = new Set(), lostOne = false;

  function showPending() {
    for (const name of pending) if (runs.has(name)) showRun(runs.get(name));
    const changesComparison = lostOne || [...pending].some(name => ticked.has(name));
    [pending, lostOne] = [new Set(), false];
    showTable();
    if (changesComparison) showComparison();
  }

  function listen() {
    const events = new EventSource("events");
    let waiting = false;
    const later = () => {
      if (waiting) return;
      waiting = true;
      setTimeout(() => { waiting = false; showPending(); }, 50);
    };
    events.addEventListener("folder", event => { by("folder").textContent = JSON.parse(event.data); });
    events.addEventListener("run", event => {
      const run = JSON.parse(event.data);
      runs.set(run.name, run);
      pending.add(run.name);
      later();
    });
    events.addEventListener("names", event => {
      const names = new Set(JSON.parse(event.data));
      for (const name of [...runs.keys()]) {
        if (names.has(name)) continue;
        runs.delete(name);
        rows.delete(name);
        lostOne = ticked.delete(name) || lostOne;
      }
      by("connection").textContent = "Live: what changes appears here by itself.";
      by("connection").className = "";
      later();
    });
    events.addEventListener("error", () => {
      by("connection").textContent = "The connection is lost: panda watch was stopped, or this machine sleeps. Trying again…";
      by("connection").className = "lost";
    });
  }

  by("filters").addEventListener("submit", event => event.preventDefault());
  by("filter").addEventListener("input", showTable);
  by("none").addEventListener("click", () => {
    ticked.clear();
    for (const { box } of rows.values()) box.checked = false;
    showComparison();
    by("filter").focus();
  });
  setInterval(() => { for (const run of runs.values()) showTimeLeft(run); }, 1000);
  listen();
})();
