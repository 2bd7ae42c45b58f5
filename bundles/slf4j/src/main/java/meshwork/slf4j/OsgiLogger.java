package meshwork.slf4j;

import org.osgi.service.log.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** A logger that passes warnings and errors on, and says beforehand that it wants nothing else. */
final class OsgiLogger extends LegacyAbstractLogger {

	private static final long serialVersionUID = 1;

	OsgiLogger(String name) {
		this.name = name;
	}

	@Override
	protected void handleNormalizedLoggingCall(Level level, Marker marker, String pattern, Object[] arguments, Throwable cause) {
		LoggerFactory factory = OsgiLogging.target;
		if (factory == null)
			return;
		String message = MessageFormatter.basicArrayFormat(pattern, arguments);
		var logger = factory.getLogger(name);
		if (level == Level.ERROR)
			logger.error("{}", message, cause);
		else
			logger.warn("{}", message, cause);
	}

	@Override
	protected String getFullyQualifiedCallerName() {
		return null;
	}

	@Override
	public boolean isTraceEnabled() {
		return false;
	}

	@Override
	public boolean isDebugEnabled() {
		return false;
	}

	@Override
	public boolean isInfoEnabled() {
		return false;
	}

	@Override
	public boolean isWarnEnabled() {
		return true;
	}

	@Override
	public boolean isErrorEnabled() {
		return true;
	}
}
