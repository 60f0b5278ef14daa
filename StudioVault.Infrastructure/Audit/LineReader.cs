namespace StudioVault.Infrastructure.Audit;

/// <summary>Lines of a file as bytes, one at a time in one buffer that only a long line makes grow.</summary>
internal sealed class LineReader(Stream input)
{
    /// <summary>Longest line that is read, in bytes; what is longer comes out empty.</summary>
    public const int Longest = 64 << 20;

    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <summary>Number of the line read last, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>The next line without its end, valid until the next call; null at the end of the file.</summary>
    public ReadOnlyMemory<byte>? Next()
    {
        var looked = _start;
        var tooLong = false;
        while (true)
        {
            var found = _buffer.AsSpan(looked, _end - looked).IndexOf((byte)'\n');
            if (found >= 0) return Take(looked + found, looked + found + 1, tooLong);
            if (_end - _start >= Longest)
            {
                tooLong = true;
                _start = _end;
            }
            looked = _end;
            if (_end == _buffer.Length) looked = MakeRoom();
            var read = input.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                // Not in one expression: null turns into empty memory there.
                if (_start == _end && !tooLong) return null;
                return Take(_end, _end, tooLong);
            }
            _end += read;
        }
    }

    private ReadOnlyMemory<byte> Take(int end, int next, bool tooLong)
    {
        var line = tooLong ? default : _buffer.AsMemory(_start, end - _start);
        _start = next;
        Number++;
        return line;
    }

    private int MakeRoom()
    {
        var length = _end - _start;
        if (length == _buffer.Length) Array.Resize(ref _buffer, Math.Min(2 * length, Longest));
        else _buffer.AsSpan(_start, length).CopyTo(_buffer);
        (_start, _end) = (0, length);
        return length;
    }
}
