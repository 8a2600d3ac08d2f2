using System.Xml.Linq;
using PandaNas.Reporting.Charts;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Architectures;

/// <summary>
/// Draws a cell: its nodes in a row, and every edge to a later node on a track above or below of its own, so that no two names of
/// operations meet. Edges between neighbours are straight.
/// </summary>
internal sealed class CellDrawing : IDrawing
{
    private const double NodeWidth = 64, NodeHeight = 30, Gap = 104, TrackHeight = 30, Margin = 6, LabelHeight = 20, Corner = 9;

    private readonly OutlineCell _cell;
    private readonly List<Route> _routes;
    private readonly double _middle, _height;

    /// <summary>Lays out a cell.</summary>
    public CellDrawing(OutlineCell cell)
    {
        _cell = cell;
        _routes = Lay(cell.Edges);
        int above = _routes.Select(route => route.Track).Append(0).Max(), below = -_routes.Select(route => route.Track).Append(0).Min();
        _middle = Margin + LabelHeight / 2 + above * TrackHeight + NodeHeight / 2;
        _height = _middle + NodeHeight / 2 + below * TrackHeight + LabelHeight / 2 + Margin;
    }

    // The track is 0 for a straight edge, above 0 for those above the nodes and below 0 for those below.
    private sealed record Route(OutlineEdge Edge, int Track);

    /// <inheritdoc/>
    public bool IsWide => true;

    /// <inheritdoc/>
    public XElement OnPage(string says) => Element("div", Class("wide"), new XAttribute("tabindex", "0"), Draw(says));

    /// <inheritdoc/>
    public XElement Draw(string says)
    {
        double width = _cell.Nodes.Length * NodeWidth + (_cell.Nodes.Length - 1) * Gap + 2 * Margin;
        string edges = string.Join(
            ", ", _cell.Edges.Select(edge => $"{_cell.Nodes[edge.Source]} to {_cell.Nodes[edge.Target]} {edge.Operation ?? "joined"}"));
        return Svg.Drawing(width, _height, $"{says} {edges}",
            _routes.Select(DrawLine),
            _cell.Nodes.Select((name, node) => (XElement[])
            [
                Svg.Box("node", Left(node), _middle - NodeHeight / 2, NodeWidth, NodeHeight), Svg.Text(
                    "middle label", Left(node) + NodeWidth / 2, _middle + 4, name),
            ]),
            _routes.Where(route => route.Edge.Operation is not null).Select(DrawLabel));
    }

    private static double Left(int node) => Margin + node * (NodeWidth + Gap);

    // Short edges get the inner tracks; above and below take turns.
    private static List<Route> Lay(IEnumerable<OutlineEdge> edges)
    {
        var routes = new List<Route>();
        foreach (OutlineEdge edge in edges.OrderBy(edge => edge.Target - edge.Source).ThenBy(edge => edge.Source))
        {
            int track = 0;
            if (edge.Target - edge.Source > 1 || routes.Any(other => other.Track == 0 && Meet(other.Edge, edge)))
                for (track = 1; routes.Any(other => other.Track == track && Meet(other.Edge, edge)); track = track > 0 ? -track : 1 - track)
                    ;
            routes.Add(new Route(edge, track));
        }
        return routes;
    }

    private static bool Meet(OutlineEdge one, OutlineEdge other) => one.Source < other.Target && other.Source < one.Target;

    private double HeightOf(int track) => track == 0 ? _middle : _middle - Math.Sign(track) * NodeHeight / 2 - track * TrackHeight;

    private XElement DrawLine(Route route)
    {
        (OutlineEdge edge, int track) = (route.Edge, route.Track);
        string style = edge.IsLive ? edge.Operation is null ? "edge joined" : "edge" : "edge dead", path;
        double end;
        if (track == 0)
        {
            end = Left(edge.Target);
            path = $"M{Coordinate(Left(edge.Source) + NodeWidth)} {Coordinate(_middle)}H{Coordinate(end - 6)}";
            return Element("g", Class(style), Svg.Path("", path), Arrow(end, _middle, 1, 0));
        }
        int side = Math.Sign(track);
        double start = Port(route, isSource: true), level = HeightOf(track), edgeOfNode = _middle - side * NodeHeight / 2;
        end = Port(route, isSource: false);
        path = $"M{Coordinate(start)} {Coordinate(edgeOfNode)}V{Coordinate(level + side * Corner)}"
            + $"Q{Coordinate(start)} {Coordinate(level)} {Coordinate(start + Corner)} {Coordinate(level)}H{Coordinate(end - Corner)}"
            + $"Q{Coordinate(end)} {Coordinate(level)} {Coordinate(end)} {Coordinate(level + side * Corner)}"
            + $"V{Coordinate(edgeOfNode - side * 6)}";
        return Element("g", Class(style), Svg.Path("", path), Arrow(end, edgeOfNode, 0, side));
    }

    private static XElement Arrow(double x, double y, int along, int down)
    {
        // A triangle whose point is where the edge meets the node.
        string path = along != 0
            ? $"M{Coordinate(x)} {Coordinate(y)}l-7 -4v8z"
            : $"M{Coordinate(x)} {Coordinate(y)}l-4 {-7 * down}h8z";
        return Svg.Path("arrow", path);
    }

    // Edges that leave stand in the right half of a node, the outer tracks first; those that arrive in the left half, the inner first: so
    // they do not cross.
    private double Port(Route route, bool isSource)
    {
        int node = isSource ? route.Edge.Source : route.Edge.Target, side = Math.Sign(route.Track);
        Route[] together =
        [
            .. _routes.Where(other => Math.Sign(other.Track) == side && (isSource ? other.Edge.Source : other.Edge.Target) == node)
                .OrderBy(other => (isSource ? -1 : 1) * Math.Abs(other.Track)),
        ];
        double half = NodeWidth / 2, from = Left(node) + (isSource ? half : 0);
        return from + (Array.IndexOf(together, route) + 1) * half / (together.Length + 1);
    }

    // Between two nodes, where no other edge goes up or down.
    private XElement DrawLabel(Route route)
    {
        OutlineEdge edge = route.Edge;
        string text = Svg.Fit(edge.Operation!, Gap - 14);
        double center = Left((edge.Source + edge.Target - 1) / 2) + NodeWidth + Gap / 2;
        double y = HeightOf(route.Track);
        double width = Math.Min(Gap - 4, text.Length * 6.6 + 12);
        string unused = edge.IsLive ? "" : " (does not reach the output)";
        // A straight edge is short: its name stands above it.
        if (route.Track == 0) y -= 14;
        return Element("g", Class(edge.IsLive ? "operation" : "operation dead"),
            Element("title", $"{_cell.Nodes[edge.Source]} to {_cell.Nodes[edge.Target]}: {edge.Operation}{unused}"),
            Svg.Box("pill", center - width / 2, y - LabelHeight / 2, width, LabelHeight), Svg.Text("middle label", center, y + 4, text));
    }
}
