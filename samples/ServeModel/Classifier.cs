using Microsoft.ML.OnnxRuntime;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace ServeModel;

/// <summary>A class and how probable it is, in [0, 1].</summary>
internal sealed record ClassProbability(string Label, double Probability);

/// <summary>What the model says of a picture: the most probable class, and the first few.</summary>
internal sealed record Answer(string Label, double Probability, IReadOnlyList<ClassProbability> Classes);

/// <summary>The model in ONNX Runtime, for any number of requests at a time.</summary>
internal sealed class Classifier : IDisposable
{
    private const int Told = 5;

    // Each request computes on one thread: as many at a time as there are processors, the others wait.
    private readonly SemaphoreSlim _free = new(Environment.ProcessorCount);
    private readonly RunOptions _running = new();
    private readonly InferenceSession _session;

    /// <summary>Loads a model.</summary>
    /// <exception cref="InvalidDataException">The file is none of 'panda export --preprocessing inside'.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public Classifier(string file)
    {
        byte[] model = File.ReadAllBytes(file);
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            // Pictures of ever other sizes would make the runtime keep memory for each.
            EnableMemoryPattern = false,
            EnableCpuMemArena = false,
        };
        try
        {
            _session = new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidDataException($"'{file}' is no model that ONNX Runtime can run: {error.Message}", error);
        }
        Facts = ModelFacts.Read(file, _session.ModelMetadata.CustomMetadataMap);
    }

    public ModelFacts Facts { get; }

    /// <summary>Classifies a picture.</summary>
    /// <param name="picture">A JPEG, PNG, WebP, GIF or BMP file.</param>
    /// <param name="stop">Whoever asked has gone.</param>
    /// <exception cref="Refusal">It is none.</exception>
    public async Task<Answer> ClassifyAsync(byte[] picture, CancellationToken stop)
    {
        await _free.WaitAsync(stop);
        try
        {
            return Classify(Picture.Decode(picture, Facts));
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _running.Dispose();
        _free.Dispose();
    }

    private Answer Classify(Picture picture)
    {
        using OrtValue pixels = OrtValue.CreateTensorValueFromMemory(picture.Pixels, [1, picture.Height, picture.Width, Facts.Channels]);
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(
            _running, [_session.InputNames[0]], [pixels], [_session.OutputNames[0]]);
        ReadOnlySpan<float> logits = outputs[0].GetTensorDataAsSpan<float>();
        double[] exponentials = [.. logits];
        double largest = exponentials.Max();
        for (int i = 0; i < exponentials.Length; i++) exponentials[i] = Math.Exp(exponentials[i] - largest);
        double sum = exponentials.Sum();
        ClassProbability[] first = [.. Facts.Classes
            .Select((label, i) => new ClassProbability(label, exponentials[i] / sum)).OrderByDescending(one => one.Probability).Take(Told)];
        return new Answer(first[0].Label, first[0].Probability, first);
    }
}
