using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;

namespace PandaNas.Experiments.Options;

/// <summary>An option as its property declares it; read from the type once.</summary>
internal sealed class OptionDescription
{
    // More names than these make the column of a help text too wide for their place there.
    private const int LongestAlternative = 3;

    private static readonly ConcurrentDictionary<Type, ImmutableArray<OptionDescription>> s_all = new();
    private static readonly ConcurrentDictionary<Type, Dictionary<string, OptionDescription>> s_byName = new();

    private readonly PropertyInfo _property;
    private readonly OptionAttribute _declared;

    private OptionDescription(PropertyInfo property, OptionAttribute declared) => (_property, _declared) = (property, declared);

    /// <summary>The key in files; on the command line after two dashes.</summary>
    public string Key => _declared.Key;

    /// <summary>The property.</summary>
    public string Name => _property.Name;

    /// <summary>The heading.</summary>
    public OptionGroup Group => _declared.Group;

    /// <summary>Whether people need it first.</summary>
    public bool IsUsual => _declared.IsUsual;

    /// <summary>Whether it may change when a run is continued.</summary>
    public bool MayChange => _declared.MayChange;

    /// <summary>Whether it may be chosen anew when a finished run is evaluated.</summary>
    public bool OfEvaluation => _declared.OfEvaluation;

    /// <summary>Whether a retraining has it from its supernet.</summary>
    public bool PassesOn => _declared.PassesOn;

    /// <summary>Whether runs store it.</summary>
    public bool IsStored => _declared.IsStored;

    /// <summary>What the value counts.</summary>
    public string Unit => _declared.Unit;

    /// <summary>The type that declares it.</summary>
    public Type Owner => _property.DeclaringType!;

    /// <summary>Whether the value is true or false, so that a bare flag means true.</summary>
    public bool IsSwitch => _property.PropertyType == typeof(bool);

    /// <summary>The names that the value may have, where there is a list of them.</summary>
    public IReadOnlyList<string> Names =>
        _declared.Names == NameKind.None ? OptionValue.NamesOf(_property.PropertyType) : OptionNames.Of(_declared.Names);

    /// <summary>What stands for the value in help texts.</summary>
    public string ValueName => _declared.Value ?? (_property.PropertyType == typeof(string) || Names.Count > LongestAlternative ? "NAME"
        : Names.Count > 0 ? string.Join('|', Names)
        : Number is { } number ? number == typeof(double) ? "X" : "N" : "LIST");

    /// <summary>The meaning, with the names that it has.</summary>
    public string Help => _declared.Help.Contains("{names}", StringComparison.Ordinal)
        ? _declared.Help.Replace("{names}", string.Join(", ", Names), StringComparison.Ordinal)
        : _declared.Value is null && (_declared.Names != NameKind.None || Names.Count > LongestAlternative)
            ? $"{_declared.Help}: {string.Join(", ", Names)}"
            : _declared.Help;

    /// <summary>What a number must be, in words; empty for other types.</summary>
    public string Range
    {
        get
        {
            if (Number is null) return "";
            string least = _declared.Above > double.NegativeInfinity ? $"above {Text(_declared.Above)}"
                : _declared.Least > double.NegativeInfinity ? $"from {Text(_declared.Least)}"
                : "";
            bool isOpen = _declared.Most is double.PositiveInfinity or >= int.MaxValue;
            string below = least.StartsWith("above", StringComparison.Ordinal) ? "and below" : "to below";
            string most = _declared.Below < double.PositiveInfinity ? $"{below} {Text(_declared.Below)}"
                : isOpen ? ""
                : $"to {Text(_declared.Most)}";
            return most.Length == 0 && _declared.Least > double.NegativeInfinity
                ? $"of at least {Text(_declared.Least)}"
                : $"{least} {most}".Trim();

            static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Unit, range and default in brackets, to stand after the meaning.</summary>
    /// <param name="standard">The default; empty to leave it out.</param>
    public string Details(string standard)
    {
        string facts = string.Join(
            "; ", ((string[])[$"{Unit} {Range}".Trim(), standard.Length > 0 ? $"default {standard}" : ""]).Where(fact => fact.Length > 0));
        return facts.Length > 0 ? $" [{facts}]" : "";
    }

    /// <summary>The name for messages.</summary>
    public string Mentioned => Mention.Option(Key, Name);

    private bool IsList => OptionValue.ItemOf(_property.PropertyType) is not null;

    private Type? Number
    {
        get
        {
            Type type = _property.PropertyType;
            type = OptionValue.ItemOf(type) ?? Nullable.GetUnderlyingType(type) ?? type;
            return type == typeof(int) || type == typeof(long) || type == typeof(double) ? type : null;
        }
    }

    /// <summary>The options of a type in the order of its declarations, those of its bases first.</summary>
    public static ImmutableArray<OptionDescription> AllOf(Type type) => s_all.GetOrAdd(type, Read);

    /// <summary>The option that a property is.</summary>
    public static OptionDescription Of(Type type, string property) =>
        s_byName.GetOrAdd(type, of => AllOf(of).ToDictionary(option => option.Name))[property];

    /// <summary>The option of a key.</summary>
    /// <exception cref="BadOptionException">There is none; the message names the nearest one.</exception>
    public static OptionDescription OfKey(Type type, string key) => AllOf(type).FirstOrDefault(option => option.Key == key)
        ?? throw new BadOptionException(
            $"unknown key '{key}'. Did you mean '{NearestName.Of(key, AllOf(type).Select(option => option.Key))}'?");

    /// <summary>The value.</summary>
    public object? Read(OptionSet options) => _property.GetValue(options);

    /// <summary>The value as text.</summary>
    public string Text(OptionSet options) => OptionValue.Format(_property.PropertyType, Read(options));

    /// <summary>The default as text; what help says instead where that is empty.</summary>
    public string Standard(OptionSet options) => Text(options) is { Length: > 0 } text ? text : _declared.Otherwise;

    /// <summary>The options with a value that is given as text.</summary>
    /// <exception cref="BadOptionException">It is impossible; the message names the option.</exception>
    public T WithText<T>(T options, string text)
        where T : OptionSet
    {
        object? value = Naming(() => Parse(text));
        OptionSet copy = options with { };
        _property.SetValue(copy, value, BindingFlags.DoNotWrapExceptions, null, null, CultureInfo.InvariantCulture);
        return (T)copy;
    }

    /// <summary>What a function gives, whose complaints are about this option.</summary>
    /// <exception cref="BadOptionException">It complains; the message names the option.</exception>
    public T Naming<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (BadOptionException error) when (error.Key is null)
        {
            throw new BadOptionException(Key, $"{Mentioned}: {error.Marked}", error);
        }
    }

    /// <summary>The value, if it is in its range.</summary>
    /// <exception cref="BadOptionException">It is not.</exception>
    public object? Checked(object? value)
    {
        bool holds = !IsList ? IsPossible(value)
            : value is IEnumerable items && !IsUnset(value) && items.Cast<object>().All(IsPossible);
        if (holds) return value;
        throw Refused(value is string or int or long or double ? OptionValue.Format(_property.PropertyType, value)
            : value is IEnumerable list && !IsUnset(value) ? string.Join(',', list.Cast<object>())
            : $"{value}");
    }

    /// <summary>Throws unless a value that must be a name is one.</summary>
    /// <exception cref="BadOptionException">It is not; the message has the nearest one.</exception>
    public void CheckName(OptionSet options, Func<NameKind, IReadOnlyList<string>> namesOf)
    {
        if (_declared.Names is not (NameKind.Method or NameKind.Schedule or NameKind.Algorithm or NameKind.Distribution)) return;
        IReadOnlyList<string> names = namesOf(_declared.Names);
        string[] given = Read(options) switch
        {
            string one => [one],
            ImmutableArray<string> several => [.. several],
            _ => [],
        };
        foreach (string name in given)
            if (!names.Contains(name)) throw Unknown(name, names);
    }

    private static ImmutableArray<OptionDescription> Read(Type type)
    {
        var lines = new List<(int Depth, int Token, OptionDescription Option)>();
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            // An override has the place of what it overrides.
            MethodInfo declaration = property.GetMethod!.GetBaseDefinition();
            if (Attribute.GetCustomAttribute(property, typeof(OptionAttribute), inherit: true) is OptionAttribute declared)
                lines.Add((Depth(declaration.DeclaringType!), declaration.MetadataToken, new OptionDescription(property, declared)));
        }
        return [.. lines.OrderBy(line => line.Depth).ThenBy(line => line.Token).Select(line => line.Option)];

        static int Depth(Type type) => type.BaseType is { } parent ? Depth(parent) + 1 : 0;
    }

    private object? Parse(string text)
    {
        try
        {
            return OptionValue.Parse(_property.PropertyType, text);
        }
        catch (FormatException error)
        {
            throw Refused(error.Message);
        }
    }

    private static bool IsUnset(object list) => list.Equals(Activator.CreateInstance(list.GetType()));

    private bool IsPossible(object? value) => value switch
    {
        int or long or double => IsInRange(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        Enum name => Enum.IsDefined(name.GetType(), name),
        _ => true,
    };

    private bool IsInRange(double value) =>
        value >= _declared.Least && value <= _declared.Most && value > _declared.Above && value < _declared.Below;

    private BadOptionException Refused(string text)
    {
        if (IsSwitch) return new BadOptionException(Key, $"{Mentioned} is '{text}': expected true or false");
        if (Number is { } number)
        {
            string kind = number == typeof(double) ? "number" : "whole number";
            string several = IsList ? ", or several joined by commas" : "";
            return new BadOptionException(Key, $"{Mentioned} is '{text}': expected a {kind} {Range}".TrimEnd() + several);
        }
        return Unknown(text, Names);
    }

    private BadOptionException Unknown(string text, IReadOnlyList<string> names) =>
        new(
            Key,
            $"{Mentioned} is '{text}', which is unknown. Did you mean '{NearestName.Of(text, names)}'? "
            + $"Possible: {string.Join(", ", names)}");
}
