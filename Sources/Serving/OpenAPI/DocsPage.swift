// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The page at `/docs`: shows what `/openapi.json` says and sends requests. It needs nothing from elsewhere.
///
/// Whatever comes from the document or an answer is set as text, never as markup.
enum DocsPage {
    /// What a browser lets the page do.
    static let policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    /// The page.
    static let html = head + "<style>" + style + "</style></head>" + body + "<script>" + script + "</script></html>\n"

    private static let head = #"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>Almanac</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
        """#

    private static let body = #"""
        <body><header><div class="in"><p class="brand">Almanac</p><h1 id="title">…</h1><p id="about"></p>
        <p class="links"><a href="openapi.json">openapi.json</a></p></div></header>
        <main class="in" id="main"><noscript>This page shows openapi.json and needs JavaScript for it.</noscript></main></body>
        """#

    private static let style = #"""
        :root { --page: #f6f7f9; --card: #fff; --ink: #1c2430; --dim: #5d6979; --line: #dde2e9; --accent: #0b6bcb;
          --post: #0f7b4f; --code: #f1f3f6; --bad: #b3261e; --forecast: #d9640a }
        @media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1a2029; --ink: #e4e9f0; --dim: #97a3b4;
          --line: #2c3541; --accent: #6cb2ff; --post: #4cc38a; --code: #12171e; --bad: #ff8a80; --forecast: #ffa657 } }
        * { box-sizing: border-box }
        body { margin: 0; background: var(--page); color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif }
        .in { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem }
        header { background: var(--card); border-bottom: 1px solid var(--line); padding: 1.5rem 0 1rem }
        .brand { margin: 0; color: var(--accent); font-weight: 600; letter-spacing: .02em }
        h1 { margin: .1rem 0; font-size: 1.6rem; line-height: 1.25 }
        h1 small { font-size: .9rem; font-weight: 500; color: var(--dim); margin-left: .5rem }
        h2 { margin: 2rem 0 .6rem; font-size: 1.05rem }
        header p { margin: .3rem 0; color: var(--dim) }
        a { color: var(--accent) }
        main { padding-bottom: 4rem }
        details.op { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin: .4rem 0 }
        details.op > summary { display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: baseline; cursor: pointer;
          padding: .55rem .9rem; list-style: none }
        details.op > summary::-webkit-details-marker { display: none }
        summary:focus-visible, button:focus-visible, textarea:focus-visible, select:focus-visible, input:focus-visible {
          outline: 2px solid var(--accent); outline-offset: 2px }
        .method { font: 600 .75rem/1.6 ui-monospace, "DejaVu Sans Mono", monospace; min-width: 2.6rem; color: var(--accent) }
        .method.post { color: var(--post) }
        .path { font: .9rem ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere }
        .what { color: var(--dim); margin-left: auto }
        .inside { border-top: 1px solid var(--line); padding: .8rem .9rem 1rem }
        label { display: block; font-weight: 600; font-size: .85rem; margin: .5rem 0 .25rem }
        textarea, pre, select, input { font: .82rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; background: var(--code);
          color: var(--ink); border: 1px solid var(--line); border-radius: 6px }
        textarea { width: 100%; min-height: 9rem; padding: .6rem; resize: vertical }
        select, input { padding: .25rem .4rem }
        pre { margin: .4rem 0 0; padding: .6rem; max-height: 22rem; overflow: auto; white-space: pre-wrap;
          overflow-wrap: anywhere }
        .row { display: flex; gap: .6rem; align-items: center; margin-top: .7rem; flex-wrap: wrap }
        button { font: inherit; border: 1px solid var(--line); border-radius: 6px; padding: .3rem .9rem; cursor: pointer;
          background: var(--card); color: var(--ink) }
        button.send { background: var(--accent); border-color: var(--accent); color: var(--card); font-weight: 600 }
        .status { font-weight: 600 } .status.bad { color: var(--bad) } .dim { color: var(--dim); font-size: .85rem }
        details.schema { margin-top: .8rem } details.schema summary { cursor: pointer; color: var(--dim); font-size: .85rem }
        svg { display: block; width: 100%; height: auto; margin-top: .7rem; border: 1px solid var(--line);
          border-radius: 6px; background: var(--code) }
        svg text { fill: var(--dim); font: 11px system-ui, "DejaVu Sans", sans-serif }
        polyline { fill: none; stroke-width: 2; stroke-linejoin: round } .past { stroke: var(--dim) }
        .next { stroke: var(--forecast) } polygon { fill: var(--forecast); opacity: .18 }
        """#

    private static let script = #"""
        "use strict";
        const make = (tag, attributes = {}, ...children) => {
          const element = document.createElement(tag);
          for (const [name, value] of Object.entries(attributes)) {
            if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
            else element.setAttribute(name, value);
          }
          element.append(...children);
          return element;
        };

        // JSON with a line for each member, but lists of plain values on one.
        const pretty = (value, indent = "") => {
          const inner = indent + "  ";
          const isPlain = (each) => each === null || typeof each !== "object";
          if (isPlain(value)) return JSON.stringify(value);
          if (Array.isArray(value)) {
            if (value.every(isPlain)) return "[" + value.map((each) => JSON.stringify(each)).join(", ") + "]";
            return "[\n" + value.map((each) => inner + pretty(each, inner)).join(",\n") + "\n" + indent + "]";
          }
          const members = Object.entries(value).map(([name, each]) => inner + JSON.stringify(name) + ": " + pretty(each, inner));
          return members.length ? "{\n" + members.join(",\n") + "\n" + indent + "}" : "{}";
        };

        // History and forecast of the first series and target, where both are columns, and what its quantiles span.
        const chart = (request, answer) => {
          const past = request.data ?? request.series?.[0]?.data;
          const next = answer.forecasts?.[0]?.data;
          const target = Object.keys(next ?? {}).find((name) => name !== "timestamp");
          const column = Array.isArray(past) ? past.map((row) => row[target]) : past?.[target];
          if (!target || !column) return null;
          const history = column.slice(-4 * next[target].length);
          const share = (name) => Number(name.slice(target.length + 1));
          const bounds = Object.keys(next).filter((name) => name.startsWith(target + "_") && share(name) > 0);
          bounds.sort((one, other) => share(one) - share(other));
          const [lower, upper] = bounds.length > 1 ? [next[bounds[0]], next[bounds[bounds.length - 1]]] : [[], []];
          const all = history.concat(next[target], lower, upper);
          const [low, high] = [Math.min(...all), Math.max(...all)];
          const x = (index) => 12 + (index * 776) / Math.max(1, history.length + next[target].length - 1);
          const y = (value) => 150 - ((value - low) / (high - low || 1)) * 120;
          const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
          svg.setAttribute("viewBox", "0 0 800 180");
          svg.setAttribute("role", "img");
          svg.setAttribute("aria-label", "The history and the forecast of " + target);
          const draw = (form, kind, points) => {
            const shape = document.createElementNS(svg.namespaceURI, form);
            shape.setAttribute("class", kind);
            shape.setAttribute("points", points.join(" "));
            svg.append(shape);
          };
          const places = (first, values) => values.map((value, index) => x(first + index) + "," + y(value));
          const text = (at, words, anchor) => {
            const label = document.createElementNS(svg.namespaceURI, "text");
            label.setAttribute("x", at);
            label.setAttribute("y", 172);
            label.setAttribute("text-anchor", anchor);
            label.textContent = words;
            svg.append(label);
          };
          const end = history.length;
          if (lower.length) draw("polygon", "band", [...places(end, lower), ...places(end, upper).reverse()]);
          draw("polyline", "past", places(0, history));
          draw("polyline", "next", places(end - 1, [history[end - 1], ...next[target]]));
          text(12, target, "start");
          text(788, "forecast" + (next.timestamp ? " to " + next.timestamp[next.timestamp.length - 1] : ""), "end");
          return svg;
        };

        const show = (place, path, method, request, response, text, milliseconds) => {
          let shown = text;
          let picture = null;
          try {
            const answer = JSON.parse(text);
            shown = pretty(answer);
            if (response.ok && request) picture = chart(JSON.parse(request), answer);
          } catch { /* Not JSON: shown as it is. */ }
          const version = response.headers.get("almanac-model-version");
          place.replaceChildren(
            make("div", { class: "row" },
              make("span", { class: response.ok ? "status" : "status bad" }, response.status + " " + response.statusText),
              make("span", { class: "dim" }, milliseconds.toFixed(1) + " ms" + (version ? " · version " + version : ""))),
            ...(picture ? [picture] : []), make("pre", {}, shown));
        };

        const quoted = (text) => "'" + text.replaceAll("'", "'\\''") + "'";

        const operation = (path, method, about) => {
          const media = about.requestBody?.content["application/json"];
          const input = media ? make("textarea", { spellcheck: "false", "aria-label": "Request body" }) : null;
          const place = make("div", { "aria-live": "polite" });
          const fields = (about.parameters ?? []).map((parameter) => {
            const label = { "aria-label": parameter.name };
            // What is left empty is not sent, so the server takes its default; the field says so.
            if (!parameter.schema.enum) return { parameter, select: make("input", { ...label, placeholder: "default" }) };
            const options = parameter.schema.enum.map((each) => make("option", {}, each));
            if (!parameter.required) options.unshift(make("option", { value: "" }, "default"));
            return { parameter, select: make("select", label, ...options) };
          });
          const address = () => {
            let url = path.slice(1);
            const query = new URLSearchParams();
            for (const { parameter, select } of fields) {
              if (parameter.in === "path") url = url.replace("{" + parameter.name + "}", encodeURIComponent(select.value));
              else if (select.value) query.set(parameter.name, select.value);
            }
            return new URL(query.size ? url + "?" + query : url, document.baseURI);
          };
          const send = async () => {
            const options = { method: method.toUpperCase() };
            if (input) Object.assign(options, { body: input.value, headers: { "Content-Type": "application/json" } });
            const start = performance.now();
            try {
              const response = await fetch(address(), options);
              const text = await response.text();
              show(place, path, method, input?.value, response, text, performance.now() - start);
            } catch (error) {
              place.replaceChildren(make("p", { class: "status bad" }, "No answer: " + error.message));
            }
          };
          const curl = () => {
            const words = ["curl -s " + (method === "get" ? "" : "-X " + method.toUpperCase() + " ") + quoted(address().href)];
            if (input) words.push("-H 'Content-Type: application/json' -d " + quoted(input.value));
            place.replaceChildren(make("pre", {}, words.join(" \\\n  ")));
          };
          const inside = make("div", { class: "inside" });
          for (const { parameter, select } of fields) inside.append(make("label", {}, parameter.name), select);
          if (input) {
            input.value = pretty(media.example);
            inside.append(make("label", {}, "Body"), input);
          }
          inside.append(make("div", { class: "row" }, make("button", { class: "send", onclick: send }, "Send"),
            make("button", { onclick: curl }, "curl")), place);
          const schema = (title, value) => make("details", { class: "schema" }, make("summary", {}, title),
            make("pre", {}, pretty(value)));
          if (media) inside.append(schema("Schema of the body", media.schema));
          const answer = about.responses["200"].content["application/json"];
          if (answer) inside.append(schema("Schema of the answer", answer.schema));
          return make("details", { class: "op" }, make("summary", {}, make("span", { class: "method " + method },
            method.toUpperCase()), make("span", { class: "path" }, path), make("span", { class: "what" }, about.summary)),
            inside);
        };

        const start = async () => {
          const main = document.getElementById("main");
          try {
            const about = await (await fetch("openapi.json")).json();
            document.title = about.info.title + " · Almanac";
            document.getElementById("title").replaceChildren(about.info.title, make("small", {}, about.info.version));
            document.getElementById("about").textContent = about.info.description;
            for (const { name } of about.tags) {
              const operations = Object.entries(about.paths).flatMap(([path, methods]) => Object.entries(methods)
                .filter(([, each]) => each.tags.includes(name)).map(([method, each]) => operation(path, method, each)));
              operations.sort((one, other) => other.querySelectorAll("textarea").length - one.querySelectorAll("textarea").length);
              main.append(make("h2", {}, name), ...operations);
            }
            const first = main.querySelector("details.op");
            first.open = true;
            if (location.hash === "#try") first.querySelector("button.send").click();
          } catch (error) {
            main.append(make("p", { class: "status bad" }, "openapi.json could not be read: " + error.message));
          }
        };
        start();
        """#
}
