using W4b.Image.Tasks;

namespace W4b.Image.Sdk.Tests;

public sealed class SecretRedactorTests
{
    [Fact]
    public void Hides_the_whole_and_each_line_the_longest_first()
    {
        var redactor = new SecretRedactor();
        redactor.Add("hunter");
        redactor.Add("hunter2hunter2");
        redactor.Add("-----BEGIN KEY-----\nb3BlbnNzaA\nAAAA1234\n-----END KEY-----\n");
        Assert.Equal("*** *** *** x", redactor.Redact("hunter2hunter2 hunter AAAA1234 x"));
        Assert.Equal("-----BEGIN KEY-----", redactor.Redact("-----BEGIN KEY-----"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    public void Leaves_texts_alone_for_values_that_would_shred_them(string value)
    {
        var redactor = new SecretRedactor();
        redactor.Add(value);
        Assert.Equal("abc abcabc", redactor.Redact("abc abcabc"));
    }
}
