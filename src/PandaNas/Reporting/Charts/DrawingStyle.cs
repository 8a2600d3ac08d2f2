using System.Collections.Immutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PandaNas.Reporting.Charts;

/// <summary>
/// How drawings look. A page takes the rules as they are and fills the colours in for light and dark; a drawing that stands alone, in a
/// file that any program reads, has what they come to as attributes of its elements.
/// </summary>
internal static partial class DrawingStyle
{
    /// <summary>
    /// The rules, an element's own after those that hold for more: what comes later wins. Lines differ by dashes, not by colour alone.
    /// </summary>
    public const string Rules = """
        text { font-size: 12px; fill: var(--muted); }
        text.title, text.label, text.count { fill: var(--ink); }
        text.title { font-size: 12.5px; }
        text.heading { fill: var(--ink); font-size: 15px; font-weight: bold; }
        text.strong { fill: var(--ink); font-weight: bold; }
        .start { text-anchor: start; }
        .middle { text-anchor: middle; }
        .end { text-anchor: end; }
        .grid { stroke: var(--line); }
        .axis { stroke: var(--muted); }
        line.rule { stroke: var(--muted); stroke-dasharray: 4 3; }
        .s0 { --c: var(--c0); --d: none; }
        .s1 { --c: var(--c1); --d: 7 3; }
        .s2 { --c: var(--c2); --d: 2 2.5; }
        .s3 { --c: var(--c3); --d: 9 3 2 3; }
        .s4 { --c: var(--c4); --d: 4 2; }
        .s5 { --c: var(--c5); --d: 12 4; }
        .s6 { --c: var(--c6); --d: 6 2 2 2 2 2; }
        .s7 { --c: var(--c7); --d: 1 2; }
        .line { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; stroke-dasharray: var(--d); }
        .dot { fill: var(--c); fill-opacity: .75; }
        .ring { fill: var(--paper); stroke: var(--c); stroke-width: 2.5; }
        .hidden { fill-opacity: 0; }
        .cloud { stroke: var(--c); stroke-width: 3; stroke-linecap: round; stroke-opacity: .45; fill: none; }
        .whisker { stroke: var(--c); stroke-width: 2; }
        .node { fill: var(--paper); stroke: var(--ink); stroke-width: 1.5; }
        .pill { fill: var(--card); stroke: var(--c0); }
        .card { fill: var(--card); stroke: var(--line); }
        .chosen .card { stroke: var(--c0); stroke-width: 2; }
        .cell { fill: var(--c0); }
        .edge path { fill: none; stroke: var(--c0); stroke-width: 1.8; }
        .edge path.arrow { fill: var(--c0); stroke: none; }
        .joined path { stroke: var(--muted); stroke-width: 1.2; }
        .joined path.arrow { fill: var(--muted); stroke: none; }
        .dead path, .dead .pill { stroke: var(--muted); stroke-dasharray: 4 3; }
        .dead path.arrow { fill: var(--muted); stroke: none; }
        .dead text.label { fill: var(--muted); }
        """;

    private static readonly ImmutableArray<Rule> s_rules =
        [.. from Match rule in RulePattern().Matches(Rules)
            from selector in rule.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)
            select new Rule(
                [.. selector.Split(' ').Select(part => part.Split('.'))],
                [.. from Match one in DeclarationPattern().Matches(rule.Groups[2].Value)
                    select (one.Groups[1].Value, one.Groups[2].Value)])];

    // The last compound of a selector is of the element, those before it of elements around it; a compound is a name and classes.
    private sealed record Rule(ImmutableArray<string[]> Selector, ImmutableArray<(string Property, string Value)> Declarations)
    {
        public bool Holds(XElement element)
        {
            if (!IsOf(element, Selector[^1])) return false;
            int left = Selector.Length - 1;
            foreach (XElement around in element.Ancestors())
                if (left > 0 && IsOf(around, Selector[left - 1])) left--;
            return left == 0;
        }

        private static bool IsOf(XElement element, string[] compound) =>
            (compound[0].Length == 0 || compound[0] == element.Name.LocalName)
                && compound.Skip(1).All((element.Attribute("class")?.Value ?? "").Split(' ').Contains);
    }

    /// <summary>Gives the elements of a drawing their look as attributes, and takes their classes away.</summary>
    /// <param name="drawing">The drawing.</param>
    /// <param name="colors">The colours by name.</param>
    public static void Apply(XElement drawing, IReadOnlyDictionary<string, string> colors)
    {
        Mark(drawing, colors.ToImmutableDictionary());
        foreach (XElement element in drawing.DescendantsAndSelf()) element.Attribute("class")?.Remove();
    }

    private static void Mark(XElement element, ImmutableDictionary<string, string> variables)
    {
        (string Property, string Value)[] all = [.. s_rules.Where(rule => rule.Holds(element)).SelectMany(rule => rule.Declarations)];
        foreach ((string property, string value) in all.Where(one => one.Property.StartsWith("--", StringComparison.Ordinal)))
            variables = variables.SetItem(property, Known(value));
        foreach ((string property, string value) in all.Where(one => !one.Property.StartsWith("--", StringComparison.Ordinal)))
            element.SetAttributeValue(property, Known(value).Replace("px", "", StringComparison.Ordinal));
        foreach (XElement child in element.Elements()) Mark(child, variables);

        string Known(string value) => VariablePattern().Replace(value, name => variables[name.Groups[1].Value]);
    }

    [GeneratedRegex(@"([^{}]+)\{([^}]*)\}")]
    private static partial Regex RulePattern();

    [GeneratedRegex(@"([\w-]+):\s*([^;]+);")]
    private static partial Regex DeclarationPattern();

    [GeneratedRegex(@"var\((--\w+)\)")]
    private static partial Regex VariablePattern();
}
