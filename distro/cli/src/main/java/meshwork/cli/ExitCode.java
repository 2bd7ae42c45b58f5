package meshwork.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What the exit code of a command says. The launcher script has 20 to 22 for itself. */
enum ExitCode {
	OK(0, "done"),
	INTERNAL(1, "a fault of Meshwork itself"),
	USAGE(2, "the command line is not understood"),
	PORT_TAKEN(3, "another program listens on the port"),
	NO_FILE(4, "there is no such model file"),
	NOT_A_MODEL(5, "the file is not a GGUF model"),
	TRUNCATED(6, "the model file ends too early"),
	UNKNOWN_ARCHITECTURE(7, "no engine knows the model's architecture"),
	MALFORMED(8, "the model file is broken or harmful"),
	TOO_BIG(9, "the model needs more memory than there is"),
	NOT_LOADED(10, "the engine could not load the model"),
	ALREADY_RUNNING(11, "a node runs on this data folder already"),
	NOT_RUNNING(12, "no node runs on this data folder"),
	NOT_READY(13, "the node did not start"),
	REFUSED(14, "the node refused the request, or broke it off"),
	BAD_FOLDER(15, "the data folder can't be used"),
	BAD_CONFIGURATION(16, "the configuration can't be used"),
	NAME_TAKEN(17, "two models have one name"),
	NO_JDK(20, "there is no JDK 25 or newer"),
	NO_BUILD_TOOL(21, "there is no mvn or npm to build with"),
	BUILD_FAILED(22, "the build failed");

	private final int code;
	private final String meaning;

	ExitCode(int code, String meaning) {
		this.code = code;
		this.meaning = meaning;
	}

	int code() {
		return code;
	}

	/** The code by which the node names the reason of a model's refusal; {@link #NOT_LOADED} for reasons without a code. */
	static ExitCode ofReason(String reason) {
		try {
			return valueOf(reason.toUpperCase(Locale.ROOT));
		} catch (IllegalArgumentException e) {
			return NOT_LOADED;
		}
	}

	/** All of them and what they mean, as the help shows them. */
	static Map<String, String> table() {
		var table = new LinkedHashMap<String, String>();
		for (ExitCode each : values())
			table.put(Integer.toString(each.code), each.meaning);
		return table;
	}
}
