namespace PandaNas.Reporting.Pages;

/// <summary>How reports look: on wide and narrow screens, light and dark, on paper.</summary>
internal static class StyleSheet
{
    /// <summary>
    /// The style sheet. The colours s0 to s7 are those of Okabe and Ito (2008), which the colour-blind tell apart, darkened for white
    /// paper; lines differ by dashes, too.
    /// </summary>
    public const string Text = """
        :root { color-scheme: light dark; --paper: #ffffff; --card: #f6f7f9; --ink: #1b1f24; --muted: #57606a; --line: #d5dae0;
          --accent: #00598a; --warn: #fff4d6;
          --c0: #0069a6; --c1: #b84300; --c2: #007a58; --c3: #a5417e; --c4: #7a6200; --c5: #2f7fb8; --c6: #8a3ffc; --c7: #57606a; }
        @media screen and (prefers-color-scheme: dark) {
          :root { --paper: #14171c; --card: #1d2229; --ink: #e8ebef; --muted: #a5afba; --line: #39414b;
            --accent: #7cc4f2; --warn: #40361a;
            --c0: #62bdf0; --c1: #f0a04b; --c2: #3fcf9f; --c3: #e08fbe; --c4: #f0e442; --c5: #9ad5ff; --c6: #c7a6ff; --c7: #b8c0c8; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        main { max-width: 1040px; margin: 0 auto; padding: 24px 20px 48px; }
        h1 { font-size: 30px; line-height: 1.2; margin: 8px 0 4px; overflow-wrap: anywhere; }
        h2 { font-size: 21px; margin: 40px 0 12px; border-bottom: 1px solid var(--line); padding-bottom: 6px; overflow-wrap: anywhere; }
        h3 { font-size: 18px; margin: 32px 0 8px; }
        .lead { font-size: 18px; color: var(--muted); margin: 0 0 20px; max-width: 46em; }
        a { color: var(--accent); }
        code, pre { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; unicode-bidi: isolate; }
        pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px; margin: 8px 0;
          white-space: pre-wrap; overflow-wrap: anywhere; }
        .tiles { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0; }
        .tile { flex: 1 1 180px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; }
        .tile span, .tile small { display: block; color: var(--muted); font-size: 14px; }
        .tile data { display: block; font-size: 28px; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; }
        .verdict { background: var(--card); border-left: 4px solid var(--accent); border-radius: 0 10px 10px 0; padding: 12px 18px; }
        dl { margin: 0; } dt { font-weight: 650; } dd { margin: 0 0 10px; max-width: 60em; } dd:last-child { margin-bottom: 0; }
        .problems { background: var(--warn); border-radius: 10px; padding: 4px 18px 10px; overflow-wrap: anywhere; }
        .problems h3 { margin-top: 10px; }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 20px; margin: 20px 0; }
        figure { margin: 0; padding: 14px 16px; border: 1px solid var(--line); border-radius: 10px; min-width: 0; break-inside: avoid; }
        figure.full { grid-column: 1 / -1; break-inside: auto; }
        figcaption { font-size: 14.5px; color: var(--muted); margin-bottom: 8px; }
        figcaption strong { color: var(--ink); display: block; font-size: 16px; }
        svg { display: block; width: 100%; height: auto; overflow: visible; }
        .wide { overflow-x: auto; } .wide svg { width: auto; min-width: 560px; max-width: 100%; }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 0 0 4px; padding: 0; font-size: 14px; }
        .legend li { display: flex; align-items: center; gap: 6px; } .legend svg { width: 26px; height: 12px; flex: none; }
        text { font-size: 12px; fill: var(--muted); } text.title, text.label { fill: var(--ink); } text.title { font-size: 12.5px; }
        .start { text-anchor: start; } .middle { text-anchor: middle; } .end { text-anchor: end; }
        .grid { stroke: var(--line); } .axis { stroke: var(--muted); } line.rule { stroke: var(--muted); stroke-dasharray: 4 3; }
        .line { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; stroke-dasharray: var(--d); }
        .dot { fill: var(--c); fill-opacity: .75; }
        .ring { fill: var(--paper); stroke: var(--c); stroke-width: 2.5; }
        .hidden { fill-opacity: 0; } .hidden:hover { fill-opacity: 1; }
        .cloud { stroke: var(--c); stroke-width: 3; stroke-linecap: round; stroke-opacity: .45; fill: none; }
        .whisker { stroke: var(--c); stroke-width: 2; }
        .s0 { --c: var(--c0); --d: none; }
        .s1 { --c: var(--c1); --d: 7 3; }
        .s2 { --c: var(--c2); --d: 2 2.5; }
        .s3 { --c: var(--c3); --d: 9 3 2 3; }
        .s4 { --c: var(--c4); --d: 4 2; }
        .s5 { --c: var(--c5); --d: 12 4; }
        .s6 { --c: var(--c6); --d: 6 2 2 2 2 2; }
        .s7 { --c: var(--c7); --d: 1 2; }
        .node { fill: var(--paper); stroke: var(--ink); stroke-width: 1.5; }
        .edge path { fill: none; stroke: var(--c0); stroke-width: 1.8; }
        .edge path.arrow { fill: var(--c0); stroke: none; } .pill { fill: var(--card); stroke: var(--c0); }
        .joined path { stroke: var(--muted); stroke-width: 1.2; } .joined path.arrow { fill: var(--muted); stroke: none; }
        .dead path, .dead .pill { stroke: var(--muted); stroke-dasharray: 4 3; }
        .dead path.arrow { fill: var(--muted); stroke: none; }
        .dead text.label { fill: var(--muted); }
        .chain { list-style: none; display: flex; flex-wrap: wrap; gap: 10px 28px; margin: 0; padding: 0; }
        .chain li { position: relative; border: 1px solid var(--line); border-radius: 8px; padding: 6px 12px; background: var(--card);
          min-width: 88px; }
        .chain li.chosen { border: 2px solid var(--c0); }
        .chain li:not(:last-child)::after { content: "→"; position: absolute; right: -23px; top: 25%; color: var(--muted); }
        .chain b, .chain span, .chain i { display: block; font-size: 13.5px; line-height: 1.35; }
        .chain span, .chain i { color: var(--muted); font-size: 12.5px; }
        .scroll { overflow-x: auto; } details .scroll { max-height: 420px; overflow-y: auto; }
        table { border-collapse: collapse; font-size: 14px; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        td { overflow-wrap: anywhere; min-width: 4em; }
        td:first-child:not(.number) { min-width: 9em; }
        td.long { min-width: 17em; }
        td.number, th.number { text-align: right; white-space: nowrap; overflow-wrap: normal; min-width: 0; }
        th { color: var(--muted); font-weight: 600; }
        summary { cursor: pointer; font-size: 14px; color: var(--accent); margin-top: 6px; }
        footer { overflow-wrap: anywhere; margin-top: 48px; color: var(--muted); font-size: 14px; }
        @media (max-width: 560px) { main { padding: 14px 12px 32px; } h1 { font-size: 24px; } figure { padding: 10px; } }
        @media print {
          main { max-width: none; padding: 0; }
          body { font-size: 11pt; }
          summary { display: none; }
          .scroll { max-height: none; overflow: visible; }
          .figures { grid-template-columns: 1fr 1fr; }
          h2, h3 { break-after: avoid; }
          .tile, .verdict, pre, .chain li { break-inside: avoid; }
          a { color: inherit; }
        }
        """;
}
