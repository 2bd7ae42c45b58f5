package meshwork.chat.schema;

import java.util.Map;
import java.util.Optional;

/** Formats that can be said exactly, or of which a part can that all agree on; the others are annotations. */
final class Formats {

	/** Every day that there is. */
	private static final String DATE = "(\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))"
			+ "|(\\d\\d(0[48]|[2468][048]|[13579][26])|(0[048]|[2468][048]|[13579][26])00)-02-29)";

	/** Without leap seconds; offsets are those on Earth. */
	private static final String TIME = "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-](0\\d|1[0-3]):[0-5]\\d)";

	private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
	private static final String ATOM = "[A-Za-z0-9_]{1,20}";
	private static final String LABEL = "[a-z]([a-z0-9]{0,20})";

	private static final Map<String, String> PATTERNS = Map.of("date", "^" + DATE + "$", "time", "^" + TIME + "$", "date-time", "^" + DATE + "T" + TIME
			+ "$", "uuid", "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", "ipv4", "^" + OCTET + "(\\." + OCTET + "){3}$", "ipv6",
			"^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}$", "email", "^" + ATOM + "([.+-]" + ATOM + "){0,3}@(" + LABEL + "\\.){1,3}[a-z]{2,10}$",
			"duration", "^P([1-9]\\d{0,3}W|[1-9]\\d{0,3}D(T[1-9]\\d{0,3}H)?|T[1-9]\\d{0,3}[HMS])$");

	private Formats() {
	}

	static Optional<String> pattern(String format) {
		return Optional.ofNullable(PATTERNS.get(format));
	}
}
