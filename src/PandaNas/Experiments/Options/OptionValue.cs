using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PandaNas.Experiments.Options;

/// <summary>
/// Values of options as text: numbers, true and false, kebab-case names of enumerations, lists with commas, and types with a static
/// <c>Parse</c>. An empty text is null where null is possible; a switch that may be null is auto, on or off.
/// </summary>
internal static class OptionValue
{
    private const string Auto = "auto", On = "on", Off = "off";

    /// <summary>The value that a text means.</summary>
    /// <exception cref="FormatException">It, or an item of it, means none of that type; the message is that text.</exception>
    /// <exception cref="BadOptionException">The type refuses it and says why.</exception>
    public static object? Parse(Type type, string text)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            if (inner == typeof(bool)) return text switch { Auto => null, On => true, Off => false, _ => throw new FormatException(text) };
            return text.Length == 0 ? null : Parse(inner, text);
        }
        if (type == typeof(string)) return text;
        if (type == typeof(bool)) return text switch { "true" => true, "false" => false, _ => throw new FormatException(text) };
        if (type == typeof(int))
            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int i)
                ? i
                : throw new FormatException(text);
        if (type == typeof(long))
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long l)
                ? l
                : throw new FormatException(text);
        if (type == typeof(double))
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double d)
                ? d
                : throw new FormatException(text);
        if (type.IsEnum)
            return EnumNames(type).IndexOf(text) is >= 0 and var at ? Enum.GetValues(type).GetValue(at) : throw new FormatException(text);
        if (ItemOf(type) is { } item) return ParseList(item, text);
        if (text.Length == 0 && !type.IsValueType) return null;
        MethodInfo parse = type.GetMethod("Parse", [typeof(string)])
            ?? throw new InvalidOperationException($"{type} has no static Parse(string)");
        return parse.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [text], null);
    }

    /// <summary>A text that <see cref="Parse"/> reads back.</summary>
    public static string Format(Type type, object? value) => value switch
    {
        null => Nullable.GetUnderlyingType(type) == typeof(bool) ? Auto : "",
        bool flag => Nullable.GetUnderlyingType(type) == typeof(bool) ? flag ? On : Off : flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        Enum name => EnumNames(name.GetType())[Array.IndexOf(Enum.GetValues(name.GetType()), name)],
        string text => text,
        IEnumerable list => string.Join(',', list.Cast<object>().Select(one => Format(one.GetType(), one))),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>The names that a type allows; empty where there is no list of them.</summary>
    public static ImmutableArray<string> NamesOf(Type type) =>
        type == typeof(bool) ? ["true", "false"] : type == typeof(bool?) ? [Auto, On, Off] : type.IsEnum ? EnumNames(type)
        : ItemOf(type) is { IsEnum: true } item ? EnumNames(item) : [];

    /// <summary>The type of a list's items; null of other types.</summary>
    public static Type? ItemOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) ? type.GetGenericArguments()[0] : null;

    private static ImmutableArray<string> EnumNames(Type type) =>
    [
        .. Enum.GetNames(type).Select(name => type.GetField(name)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
            ?? JsonNamingPolicy.KebabCaseLower.ConvertName(name)),
    ];

    private static object ParseList(Type item, string text)
    {
        string[] parts = text.Length == 0 ? [] : text.Split(',', StringSplitOptions.TrimEntries);
        Array items = Array.CreateInstance(item, parts.Length);
        for (int i = 0; i < parts.Length; i++) items.SetValue(Parse(item, parts[i]), i);
        MethodInfo create = typeof(ImmutableArray).GetMethods().Single(method => method is { Name: "Create", IsGenericMethod: true }
            && method.GetParameters() is [{ ParameterType.IsArray: true }]);
        return create.MakeGenericMethod(item).Invoke(null, [items])!;
    }
}
