using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace PandaNas.Experiments.Runs;

/// <summary>
/// In JSON the properties of this property's value stand among those of the object that has it; without a value none of them is there.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class JsonInlineAttribute : Attribute;

/// <summary>Writes and reads objects with inlined parts, which the serializer itself sees nested.</summary>
internal sealed class InliningConverter : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        Array.Exists(typeToConvert.GetProperties(), property => property.IsDefined(typeof(JsonInlineAttribute), inherit: false));

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Inlining<>).MakeGenericType(typeToConvert), options)!;

    private sealed class Inlining<T> : JsonConverter<T>
    {
        private readonly JsonSerializerOptions _nesting;

        public Inlining(JsonSerializerOptions options)
        {
            _nesting = new JsonSerializerOptions(options);
            _nesting.Converters.Remove(_nesting.Converters.First(converter => converter is InliningConverter));
            _nesting.MakeReadOnly();
        }

        public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            JsonObject whole = JsonSerializer.Deserialize<JsonObject>(ref reader, options) ?? throw new JsonException("it is empty");
            Nest(whole, typeof(T));
            return whole.Deserialize<T>(_nesting);
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            Flatten(writer, JsonSerializer.SerializeToElement(value, _nesting), typeof(T));
            writer.WriteEndObject();
        }

        private void Nest(JsonObject flat, Type type)
        {
            foreach (JsonPropertyInfo part in Properties(type).Where(IsInline))
            {
                var nested = new JsonObject();
                foreach (string key in Keys(part.PropertyType))
                    if (flat.Remove(key, out JsonNode? value)) nested.Add(key, value);
                Nest(nested, part.PropertyType);
                flat[part.Name] = nested.Any(property => property.Value is not null) ? nested : null;
            }
        }

        private void Flatten(Utf8JsonWriter writer, JsonElement nested, Type type)
        {
            Dictionary<string, JsonPropertyInfo> parts = Properties(type).Where(IsInline).ToDictionary(part => part.Name);
            foreach (JsonProperty property in nested.EnumerateObject())
                if (!parts.TryGetValue(property.Name, out JsonPropertyInfo? part)) property.WriteTo(writer);
                else if (property.Value.ValueKind == JsonValueKind.Object) Flatten(writer, property.Value, part.PropertyType);
        }

        private IEnumerable<string> Keys(Type type) =>
            Properties(type).SelectMany(property => IsInline(property) ? Keys(property.PropertyType) : [property.Name]);

        private IList<JsonPropertyInfo> Properties(Type type) => _nesting.GetTypeInfo(type).Properties;

        private static bool IsInline(JsonPropertyInfo property) =>
            property.AttributeProvider?.IsDefined(typeof(JsonInlineAttribute), inherit: false) == true;
    }
}
