using Beffroi.Server;

return await ServerCommandLine.RunAsync(args);
