using W4b.Image.Configuration;
using W4b.Image.Diagnostics;

namespace W4b.Image.Tests.Configuration;

/// <summary>Secrets from the places where people keep them, also when those misbehave. No message tells what was read.</summary>
public sealed class SecretTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("password: 'before-${W4B_TEST_UNSET:-middle}-after'", "before-middle-after")]
    [InlineData("password: '${W4B_TEST_UNSET:-changeme}'", "changeme")]
    [InlineData("password: 'a$${b}'", "a${b}")]
    public void Variables_of_a_literal_are_replaced(string yaml, string expected)
    {
        var place = new SourceLocation(_folder.Write("hive.yaml", yaml + "\n"), 1, 11);
        Assert.Equal(expected, new Secret(SecretOrigin.Template, "password", place).Resolve());
    }

    [Fact]
    public void A_program_beside_the_yaml_is_found_and_runs_there()
    {
        var script = _folder.Write("get.sh", "#!/bin/sh\npwd\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal(_folder.Path, Command("./get.sh").Resolve());
    }

    [Fact]
    public void A_program_that_hangs_is_ended()
        => Fails(Command("sleep", "1000"), "did not end", TimeSpan.FromSeconds(1));

    [Fact]
    public void A_program_that_leaves_another_behind_is_not_waited_for_longer()
        => Fails(Command("sh", "-c", "echo S3cret; sleep 30 &"), "did not end", TimeSpan.FromSeconds(1));

    [Fact]
    public void A_program_that_never_stops_printing_is_ended()
        => Fails(Command("yes", "S3cret"), "longer than");

    [Fact]
    public void What_is_no_text_is_no_secret()
    {
        File.WriteAllBytes(_folder["latin-1"], [0x53, 0x33, 0x63, 0x72, 0x65, 0x74, 0xFC]);
        Fails(new Secret(SecretOrigin.File, _folder["latin-1"], Place), "UTF-8");
        Fails(Command("cat", "latin-1"), "UTF-8");
    }

    private SourceLocation Place => new(_folder["hive.yaml"], 1, 1);

    private Secret Command(string program, params string[] arguments) => new(SecretOrigin.Command, program, Place, arguments);

    // On a busy machine what does not depend on the time has enough of it.
    private static void Fails(Secret secret, string expected, TimeSpan? patience = null)
    {
        var error = Assert.Single(Assert.Throws<W4bException>(() => secret.Resolve(patience ?? TimeSpan.FromMinutes(2))).Diagnostics);
        Assert.Equal(DiagnosticCode.SecretUnavailable, error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("S3cret", error.Text, StringComparison.Ordinal);
    }
}
