package meshwork.jinja;

import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** {@code strftime} in the C locale. */
final class Dates {

	private Dates() {
	}

	static String format(String format, ZonedDateTime time) {
		StringBuilder out = new StringBuilder();
		for (int at = 0; at < format.length(); at++) {
			char c = format.charAt(at);
			if (c != '%' || at + 1 == format.length()) {
				out.append(c);
				continue;
			}
			char flag = format.charAt(++at);
			if ("-_0^".indexOf(flag) >= 0 && at + 1 < format.length()) {
				String field = field(format.charAt(++at), time);
				out.append(switch (flag) {
					case '-' -> field.replaceFirst("^[0 ]+(?=.)", "");
					case '_' -> field.replaceFirst("^0(?=.)", " ");
					case '^' -> field.toUpperCase(Locale.ROOT);
					default -> field;
				});
			} else {
				out.append(field(flag, time));
			}
		}
		return out.toString();
	}

	private static String field(char field, ZonedDateTime time) {
		return switch (field) {
			case 'Y' -> Integer.toString(time.getYear());
			case 'C' -> two(time.getYear() / 100);
			case 'y' -> two(time.getYear() % 100);
			case 'm' -> two(time.getMonthValue());
			case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
			case 'b', 'h' -> time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH).substring(0, 3);
			case 'd' -> two(time.getDayOfMonth());
			case 'e' -> "%2d".formatted(time.getDayOfMonth());
			case 'j' -> "%03d".formatted(time.getDayOfYear());
			case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
			case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH).substring(0, 3);
			case 'u' -> Integer.toString(time.getDayOfWeek().getValue());
			case 'w' -> Integer.toString(time.getDayOfWeek().getValue() % 7);
			case 'U' -> two((time.getDayOfYear() + 6 - time.getDayOfWeek().getValue() % 7) / 7);
			case 'W' -> two((time.getDayOfYear() + 6 - (time.getDayOfWeek().getValue() + 6) % 7) / 7);
			case 'V' -> two(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
			case 'G' -> Integer.toString(time.get(IsoFields.WEEK_BASED_YEAR));
			case 'H' -> two(time.getHour());
			case 'k' -> "%2d".formatted(time.getHour());
			case 'I' -> two(time.get(ChronoField.CLOCK_HOUR_OF_AMPM));
			case 'l' -> "%2d".formatted(time.get(ChronoField.CLOCK_HOUR_OF_AMPM));
			case 'M' -> two(time.getMinute());
			case 'S' -> two(time.getSecond());
			case 'f' -> "%06d".formatted(time.getNano() / 1000);
			case 'p' -> time.getHour() < 12 ? "AM" : "PM";
			case 'P' -> time.getHour() < 12 ? "am" : "pm";
			case 's' -> Long.toString(time.toEpochSecond());
			case 'Z', 'z' -> "";
			case 'c' -> format("%a %b %e %H:%M:%S %Y", time);
			case 'x', 'D' -> format("%m/%d/%y", time);
			case 'X', 'T' -> format("%H:%M:%S", time);
			case 'F' -> format("%Y-%m-%d", time);
			case 'R' -> format("%H:%M", time);
			case 'r' -> format("%I:%M:%S %p", time);
			case 'n' -> "\n";
			case 't' -> "\t";
			case '%' -> "%";
			default -> "%" + field;
		};
	}

	private static String two(int number) {
		return "%02d".formatted(number);
	}
}
