using W4b.Image.Diagnostics;

namespace W4b.Image.Tests.Diagnostics;

public sealed class StageTimesTests
{
    [Fact]
    public void Each_stage_has_its_last_time_in_the_order_of_the_build()
    {
        using var folder = new TestFolder();
        var noon = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        StageTimes.Write(folder.Path, new StageTime("CompressImage", noon, 9, 9));
        StageTimes.Write(folder.Path, new StageTime("ConfigureHive", noon.AddMinutes(1), 0.84, 1.25));
        StageTimes.Write(folder.Path, new StageTime("CompressImage", noon.AddMinutes(2), 2.5, 4.5));

        var times = StageTimes.Read(folder.Path);

        Assert.Equal(new StageTime("ConfigureHive", noon.AddMinutes(1), 0.84, 1.25), times[0]);
        Assert.Equal("Times: ConfigureHive 0.8 s, CompressImage 2.5 s.", StageTimes.Summary(times));
    }

    [Fact]
    public void A_clock_counts_the_work_of_this_process_and_of_its_programs()
    {
        var clock = new StageClock("Work");
        var program = System.Diagnostics.Process.Start("sh", ["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"]);
        program.WaitForExit();
        var time = clock.Elapsed;
        Assert.Equal("Work", time.Stage);
        Assert.True(time.Seconds > 0 && time.CpuSeconds > 0, time.ToString());
    }
}
