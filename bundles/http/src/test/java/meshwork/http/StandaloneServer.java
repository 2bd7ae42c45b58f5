package meshwork.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;

import org.apache.felix.framework.FrameworkFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.RequestLog;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.launch.Framework;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/** The server in a framework of its own that has nothing else in it, on a free port. */
public final class StandaloneServer implements AutoCloseable {

	private final Path storage;
	private final Framework framework;
	private final HttpServer server;
	private final List<String> log = new CopyOnWriteArrayList<>();
	private final List<String> access = new CopyOnWriteArrayList<>();
	private final CompletableFuture<Void> over = new CompletableFuture<>();
	private boolean stopped;

	public StandaloneServer() throws Exception {
		this(Map.of());
	}

	/** With a configuration; what it doesn't say has its default, but for the port. */
	public StandaloneServer(Map<String, Object> config) throws Exception {
		storage = Files.createTempDirectory("http-test");
		framework = new FrameworkFactory().newFramework(Map.of(Constants.FRAMEWORK_STORAGE, storage.toString(),
				Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT));
		framework.start();
		server = new HttpServer(framework.getBundleContext(), loggers());
		framework.getBundleContext().addServiceListener(this::changed, "(http.path=*)");
		server.start(config(config));
	}

	private void changed(ServiceEvent event) {
		@SuppressWarnings("unchecked")
		var reference = (ServiceReference<Handler>) event.getServiceReference();
		Handler handler = framework.getBundleContext().getService(reference);
		try {
			switch (event.getType()) {
				case ServiceEvent.REGISTERED -> server.add(handler, reference);
				case ServiceEvent.UNREGISTERING -> server.remove(handler, reference);
				default -> throw new AssertionError("no test does this");
			}
		} catch (Exception e) {
			throw new AssertionError(e);
		}
	}

	public ServiceRegistration<Handler> register(Handler handler, String... paths) {
		return register(handler, Map.of(HttpServer.PATH, paths));
	}

	public ServiceRegistration<Handler> register(Handler handler, Map<String, Object> properties) {
		return framework.getBundleContext().registerService(Handler.class, handler, dictionary(properties));
	}

	/** Has somebody hear of requests that ended. */
	public void listen(RequestLog listener) {
		server.listen(listener);
	}

	/** A bundle that has nothing in it, to register handlers that go away with it. */
	public Bundle bundle(String name) throws BundleException, IOException {
		Bundle bundle = framework.getBundleContext().installBundle(name, empty(name));
		bundle.start();
		return bundle;
	}

	private static InputStream empty(String name) throws IOException {
		var manifest = new Manifest();
		manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
		manifest.getMainAttributes().putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
		manifest.getMainAttributes().putValue(Constants.BUNDLE_SYMBOLICNAME, name);
		var jar = new ByteArrayOutputStream();
		new JarOutputStream(jar, manifest).close();
		return new ByteArrayInputStream(jar.toByteArray());
	}

	public void configure(Map<String, Object> config) {
		server.change(config(config));
	}

	/** Where it listens, as its service says. */
	public URI uri() {
		return URI.create((String) property("http.url").orElseThrow());
	}

	/** Why it doesn't listen as it should, as its service says. */
	public Optional<String> problem() {
		return property("http.problem").map(String.class::cast);
	}

	private Optional<Object> property(String name) {
		try {
			ServiceReference<?>[] found = framework.getBundleContext().getServiceReferences((String) null, "(" + name + "=*)");
			return Optional.ofNullable(found).map(references -> references[0].getProperty(name));
		} catch (InvalidSyntaxException e) {
			throw new AssertionError(e);
		}
	}

	/** What it said, one line an entry. */
	public List<String> log() {
		return log;
	}

	/** What it said of requests that ended, one line an entry. */
	public List<String> access() {
		return access;
	}

	/** Begins to stop the node, which waits for this bundle's turn to stop. */
	void stopNode() {
		framework.getBundleContext().addBundleListener((SynchronousBundleListener) event -> {
			if (event.getType() == BundleEvent.STOPPING)
				over.join();
		});
		Thread.ofVirtual().start(() -> {
			try {
				framework.stop();
			} catch (BundleException e) {
				throw new AssertionError(e);
			}
		});
	}

	/** As the component runtime does it when the node stops. */
	public void stop() throws Exception {
		if (stopped)
			return;
		stopped = true;
		server.stop();
		over.complete(null);
	}

	@Override
	public void close() throws Exception {
		stop();
		framework.stop();
		framework.waitForStop(0);
		try (var files = Files.walk(storage)) {
			for (Path each : files.sorted((a, b) -> b.compareTo(a)).toList())
				Files.delete(each);
		}
	}

	static Dictionary<String, Object> dictionary(Map<String, Object> properties) {
		return new Hashtable<>(properties);
	}

	/** An annotation of these values, and the defaults. */
	private static HttpServer.Config config(Map<String, Object> values) {
		return (HttpServer.Config) Proxy.newProxyInstance(HttpServer.class.getClassLoader(), new Class<?>[] { HttpServer.Config.class },
				(proxy, method, arguments) -> values.getOrDefault(method.getName(), method.getName().equals("port") ? 0 : method.getDefaultValue()));
	}

	private LoggerFactory loggers() {
		return proxy(LoggerFactory.class, (factory, method, asked) -> {
			List<String> lines = "meshwork.access".equals(asked[0]) ? access : log;
			return proxy(Logger.class, (logger, level, said) -> {
				lines.add(level.getName() + " " + ((String) said[0]).replaceFirst("\\{}", Matcher.quoteReplacement(String.valueOf(said[1]))));
				return null;
			});
		});
	}

	private static <T> T proxy(Class<T> type, InvocationHandler handler) {
		return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, handler));
	}
}
