using PandaNas.Reporting.Charts;

namespace PandaNas.Reporting.Pages;

/// <summary>How reports look: on wide and narrow screens, light and dark, on paper.</summary>
internal static class StyleSheet
{
    /// <summary>The style sheet.</summary>
    public static string Text { get; } = $$"""
        :root { color-scheme: light dark; {{Palette.Variables(Palette.Light)}} }
        @media screen and (prefers-color-scheme: dark) { :root { {{Palette.Variables(Palette.Dark)}} } }
        {{DrawingStyle.Rules}}
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
        .hidden:hover { fill-opacity: 1; }
        .flow { list-style: none; display: flex; flex-wrap: wrap; gap: 10px; margin: 0; padding: 0; }
        .flow li { position: relative; border: 1px solid var(--line); border-radius: 8px; padding: 6px 12px; background: var(--card);
          min-width: 88px; overflow-wrap: anywhere; }
        .flow li.chosen { border: 2px solid var(--c0); }
        .flow b, .flow span { display: block; font-size: 13.5px; line-height: 1.35; }
        .flow span { color: var(--muted); font-size: 12.5px; }
        .flow img { display: block; image-rendering: pixelated; margin: 2px 0 4px; }
        .chain { gap: 10px 28px; }
        .chain li:not(:last-child)::after { content: "→"; position: absolute; right: -23px; top: 25%; color: var(--muted); }
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
        @media (max-width: 560px) { main { padding: 14px 12px 32px; } h1 { font-size: 24px; } figure { padding: 10px; }
          .drawing text { font-size: 13.5px; } .wide text { font-size: 12px; } }
        @media print {
          main { max-width: none; padding: 0; }
          body { font-size: 11pt; }
          summary { display: none; }
          .scroll, details .scroll { max-height: none; overflow: visible; }
          table { font-size: 9pt; } td.number, th.number { white-space: normal; }
          figure:has(details[open]) { grid-column: 1 / -1; break-inside: auto; }
          tr { break-inside: avoid; }
          .figures { grid-template-columns: 1fr 1fr; }
          h2, h3, figcaption, .legend { break-after: avoid; }
          .drawing { break-inside: avoid; }
          .tile, .verdict, pre, .flow li { break-inside: avoid; }
          a { color: inherit; }
        }
        """;
}
