namespace W4b.Image.Provisioning.FirstBoot;

/// <summary>
/// A world of first boots: what a base does when its card starts for the first time, and what a hive makes of it. A hive's users, keys,
/// network and services are in the image; its first boot only gives the root file system all of the card and makes what is the device's
/// own, without a question, a network or a second start.
/// </summary>
internal interface IFirstBoot
{
    /// <summary>What is written so that the first boot is a hive's.</summary>
    FilePlan Create(PlanInputs inputs);
}
