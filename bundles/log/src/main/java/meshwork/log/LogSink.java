package meshwork.log;

import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.osgi.annotation.bundle.Header;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Writes the framework's log to the standard error stream. An activator rather than a component, so that it is there before
 * the component runtime, whose complaints about components that can't start would otherwise be lost.
 */
@Header(name = Constants.BUNDLE_ACTIVATOR, value = "${@class}")
public final class LogSink implements BundleActivator {

	/** Framework property: the least level that is written: {@code ERROR}, {@code WARN} (default), {@code INFO}, {@code DEBUG}, {@code TRACE}. */
	static final String LEVEL = "meshwork.log.level";

	/** Framework property: the same for single loggers, over that: {@code NAME=LEVEL}, several with commas between. */
	static final String LEVELS = "meshwork.log.levels";

	private ServiceTracker<LogReaderService, LogListener> readers;

	@Override
	public void start(BundleContext context) {
		var writer = new Writer(System.err, level(context.getProperty(LEVEL)), levels(context.getProperty(LEVELS)));
		readers = new ServiceTracker<>(context, LogReaderService.class, null) {
			@Override
			public LogListener addingService(ServiceReference<LogReaderService> reference) {
				LogReaderService reader = context.getService(reference);
				if (reader == null)
					return null;
				// what was said before we listened; newest first there
				List<LogEntry> earlier = Collections.list(reader.getLog());
				earlier.reversed().forEach(writer::logged);
				reader.addLogListener(writer);
				return writer;
			}

			@Override
			public void removedService(ServiceReference<LogReaderService> reference, LogListener listener) {
				context.ungetService(reference);
			}
		};
		readers.open();
	}

	@Override
	public void stop(BundleContext context) {
		readers.close();
	}

	private static LogLevel level(String name) {
		if (name == null || name.isBlank())
			return LogLevel.WARN;
		try {
			return LogLevel.valueOf(name.strip().toUpperCase(Locale.ROOT));
		} catch (IllegalArgumentException e) {
			System.err.println(LEVEL + " is '" + name + "', which is no log level; WARN is used");
			return LogLevel.WARN;
		}
	}

	private static Map<String, LogLevel> levels(String property) {
		var levels = new HashMap<String, LogLevel>();
		for (String each : property == null ? new String[0] : property.split(",")) {
			int at = each.indexOf('=');
			if (at > 0)
				levels.put(each.substring(0, at).strip(), level(each.substring(at + 1)));
		}
		return Map.copyOf(levels);
	}

	/**
	 * One line an entry, and the causes below it.
	 *
	 * @param least the least level that is written
	 * @param named the same for single loggers, by name
	 */
	record Writer(PrintStream out, LogLevel least, Map<String, LogLevel> named) implements LogListener {

		private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT)
				.withZone(ZoneId.systemDefault());

		@Override
		public void logged(LogEntry entry) {
			if (entry.getLogLevel().compareTo(least(entry.getLoggerName())) > 0 || ofFramework(entry))
				return;
			var line = new StringBuilder();
			line.append(TIME.format(Instant.ofEpochMilli(entry.getTime()))).append(' ');
			line.append("%-5s".formatted(entry.getLogLevel())).append(' ');
			line.append(entry.getBundle() == null ? entry.getLoggerName() : entry.getBundle().getSymbolicName()).append("  ");
			line.append(entry.getMessage());
			synchronized (out) {
				out.println(line);
				if (entry.getException() != null)
					entry.getException().printStackTrace(out);
				out.flush();
			}
		}

		private LogLevel least(String logger) {
			return logger == null ? least : named.getOrDefault(logger, least);
		}

		/** Events of bundles and services that the log service notes by itself: said below WARN only, and of no use to an operator. */
		private static boolean ofFramework(LogEntry entry) {
			return entry.getLogLevel().compareTo(LogLevel.WARN) > 0 && entry.getLoggerName() != null
					&& entry.getLoggerName().startsWith("Events.");
		}
	}
}
