using Microsoft.Extensions.Logging.Console;

namespace Beffroi.Server.Configuration;

/// <summary>One JSON object per line, with the W3C ids of the request's trace.</summary>
internal static class Logs
{
    /// <param name="toErrorStream">Whether standard output is kept free for a command's answer.</param>
    internal static void Configure(ILoggingBuilder logging, IConfiguration configuration, bool toErrorStream)
    {
        logging.ClearProviders();
        if (toErrorStream) logging.SetMinimumLevel(LogLevel.Warning); // A command's own answer says what it did.
        else logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.Configure(options => options.ActivityTrackingOptions =
            ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId | ActivityTrackingOptions.ParentId);
        logging.AddJsonConsole(options =>
        {
            options.IncludeScopes = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
        if (toErrorStream)
            logging.Services.Configure<ConsoleLoggerOptions>(options =>
                options.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
