package meshwork.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: every subcommand is a class of its own, every failure one line and an {@link ExitCode}. */
@Command(name = "meshwork", description = "A node that serves language models: one OpenAI-compatible endpoint.",
		synopsisSubcommandLabel = "COMMAND", subcommands = { Serve.class, Ask.class, Status.class, ModelList.class, Stop.class, Shell.class,
				Version.class, HelpCommand.class },
		exitCodeListHeading = "%nExit codes:%n", footer = { "", "Environment:",
				"  MESHWORK_DATA        data folder instead of ~/.meshwork",
				"  MESHWORK_JAVA_HOME   the JDK to run on",
				"  MESHWORK_JAVA_OPTS   more options for it",
				"  MESHWORK_HTTP_PORT   and the like: the key 'port' of the configuration 'meshwork.http'" })
public final class Meshwork implements Runnable {

	@Spec
	private CommandSpec spec;

	private Meshwork() {
	}

	public static void main(String[] arguments) {
		System.exit(run(arguments));
	}

	/** Runs one command. */
	static int run(String... arguments) {
		return commandLine().execute(arguments);
	}

	/** Without a command. */
	@Override
	public void run() {
		throw new ParameterException(spec.commandLine(), "there is no command");
	}

	static CommandLine commandLine() {
		var line = new CommandLine(new Meshwork());
		line.getCommandSpec().usageMessage().exitCodeList(ExitCode.table());
		// whatever follows a command of the node's shell is that command's
		line.getSubcommands().get("shell").setStopAtPositional(true);
		line.setUsageHelpAutoWidth(true);
		line.setUsageHelpLongOptionsMaxWidth(24);
		line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
		line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
		line.setParameterExceptionHandler(Meshwork::notUnderstood);
		line.setExecutionExceptionHandler((failure, command, _) -> failed(failure, command));
		return line;
	}

	private static int notUnderstood(ParameterException wrong, String[] arguments) {
		CommandLine command = wrong.getCommandLine();
		String message = wrong.getMessage();
		if (wrong instanceof UnmatchedArgumentException unmatched && !unmatched.getSuggestions().isEmpty())
			message += "; did you mean " + unmatched.getSuggestions().getFirst() + "?";
		command.getErr().println("meshwork: " + message);
		command.getErr().println("see: meshwork help" + (command.getParent() == null ? "" : " " + command.getCommandName()));
		return ExitCode.USAGE.code();
	}

	private static int failed(Exception failure, CommandLine command) {
		PrintWriter err = command.getErr();
		switch (failure) {
			case Refusal refusal -> {
				err.println("meshwork: " + refusal.getMessage());
				return refusal.code().code();
			}
			case InterruptedException _ -> {
				return 130;
			}
			case IOException e when e.getMessage() != null -> err.println("meshwork: " + e.getMessage());
			default -> {
				err.println("meshwork: a fault of Meshwork itself; please report it:");
				failure.printStackTrace(err);
			}
		}
		return ExitCode.INTERNAL.code();
	}
}
