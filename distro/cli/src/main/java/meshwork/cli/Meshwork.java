package meshwork.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: every subcommand is a class of its own, every failure one line and an {@link ExitCode}. */
@Command(name = "meshwork", versionProvider = Version.class, description = "A node that serves language models: one OpenAI-compatible endpoint.",
		synopsisSubcommandLabel = "COMMAND",
		exitCodeListHeading = "%nExit codes:%n", footer = { "", "Environment:",
				"  MESHWORK_DATA        data folder instead of ~/.meshwork",
				"  MESHWORK_JAVA_HOME   the JDK to run on",
				"  MESHWORK_JAVA_OPTS   more options for it",
				"  MESHWORK_HTTP_PORT   and the like: 'port' of 'meshwork.http'" })
public final class Meshwork implements Runnable {

	private static final Map<String, Supplier<Object>> COMMANDS = new LinkedHashMap<>();

	static {
		COMMANDS.put("serve", Serve::new);
		COMMANDS.put("ask", Ask::new);
		COMMANDS.put("status", Status::new);
		COMMANDS.put("models", ModelList::new);
		COMMANDS.put("stop", Stop::new);
		COMMANDS.put("top", Top::new);
		COMMANDS.put("key", KeyCommand::new);
		COMMANDS.put("shell", Shell::new);
		COMMANDS.put("bench", Bench::new);
		COMMANDS.put("version", Version::new);
	}

	@Spec
	private CommandSpec spec;

	@Option(names = { "-V", "--version" }, versionHelp = true, description = "Says which release this is.")
	private boolean version;

	private Meshwork() {
	}

	public static void main(String[] arguments) {
		System.exit(execute(arguments));
	}

	/** Runs one command. */
	static int execute(String... arguments) {
		return commandLine(arguments).execute(arguments);
	}

	/** Without a command. */
	@Override
	public void run() {
		throw new ParameterException(spec.commandLine(), "there is no command");
	}

	/** Reading the annotations of a command takes picocli a while: only those that are named are read, all of them for help. */
	private static CommandLine commandLine(String... arguments) {
		var line = new CommandLine(new Meshwork());
		Set<String> named = Set.of(arguments.length == 0 ? "" : arguments[0]);
		COMMANDS.forEach((name, command) -> {
			if (named.contains(name) || !COMMANDS.keySet().containsAll(named))
				line.addSubcommand(name, command.get());
		});
		line.addSubcommand(HelpCommand.class);
		line.getCommandSpec().usageMessage().exitCodeList(ExitCode.table());
		line.getSubcommands().values().forEach(Meshwork::addHelp);
		addHelp(line);
		// whatever follows a command of the node's shell is that command's
		if (line.getSubcommands().get("shell") instanceof CommandLine shell)
			shell.setStopAtPositional(true);
		line.setCaseInsensitiveEnumValuesAllowed(true);
		line.setUsageHelpAutoWidth(true);
		line.setUsageHelpLongOptionsMaxWidth(24);
		line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
		line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
		line.setParameterExceptionHandler(Meshwork::notUnderstood);
		line.setExecutionExceptionHandler((failure, command, _) -> failed(failure, command));
		return line;
	}

	/** {@code meshwork help COMMAND}, as most programs have it. */
	private static void addHelp(CommandLine command) {
		if (command.getCommandSpec().findOption("--help") == null)
			command.getCommandSpec().addOption(OptionSpec.builder("-h", "--help").usageHelp(true).description("Shows this.").build());
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
