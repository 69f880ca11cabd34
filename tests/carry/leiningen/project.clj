(def client-version "2.6.0")

; the comment of a user
(defproject org.example/data-loader "0.3.0"
  :description "Loads partitions"
  :dependencies [[org.clojure/clojure "1.12.0"]
                 [com.amazonaws/aws-lambda-java-core ~client-version :exclusions [#_org.slf4j/slf4j]]]
  :main ^:skip-aot data-loader.main
  :global-vars {*warn-on-reflection* true}
  :uberjar-exclusions [#"(?i)^META-INF/[^/]*\.(SF|RSA|DSA)$"]
  :profiles {:uberjar {:aot :all
                       :jvm-opts ^:replace ["-Dclojure.compiler.direct-linking=true"]}
             :dev {:plugins [[lein-shell "0.5.0"]] :repl-options {:init #(println "ready")}}})
