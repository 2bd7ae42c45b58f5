package meshwork.slf4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/** SLF4J finds the provider beside it, and what is worth reading arrives at the log service. */
class OsgiLoggingTest {

	private final List<String> said = new ArrayList<>();

	@AfterEach
	void nowhere() {
		OsgiLogging.target = null;
	}

	@Test
	void warningsAndErrorsArriveWithTheirCauses() {
		OsgiLogging.target = logService();
		var logger = org.slf4j.LoggerFactory.getLogger("a.name");

		logger.info("not this");
		logger.warn("{} of {}", 1, 2);
		logger.error("broken", new IllegalStateException("why"));

		assertFalse(logger.isDebugEnabled());
		assertEquals(List.of("a.name warn 1 of 2 null", "a.name error broken java.lang.IllegalStateException: why"), said);
	}

	@Test
	void withoutALogServiceNothingBreaks() {
		org.slf4j.LoggerFactory.getLogger("a.name").error("nobody hears this");

		assertEquals(List.of(), said);
	}

	private LoggerFactory logService() {
		return (LoggerFactory) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { LoggerFactory.class },
				(factory, make, name) -> Proxy.newProxyInstance(getClass().getClassLoader(),
						new Class<?>[] { Logger.class }, (logger, say, what) -> {
							said.add("%s %s %s %s".formatted(name[0], say.getName(), what[1], what[2]));
							return null;
						}));
	}
}
