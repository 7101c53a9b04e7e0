using System.Text;

namespace W4b.Image.Sandbox;

/// <summary>The last lines of a long output. Not thread-safe.</summary>
/// <param name="limit">How much is kept, in characters; the last line always is.</param>
internal sealed class OutputTail(int limit)
{
    private readonly Queue<string> _lines = [];
    private int _length;

    public void Add(string line)
    {
        _lines.Enqueue(line);
        _length += line.Length + 1;
        while (_length > limit && _lines.Count > 1)
            _length -= _lines.Dequeue().Length + 1;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var line in _lines)
            text.Append(line).Append('\n');
        return text.ToString();
    }
}
