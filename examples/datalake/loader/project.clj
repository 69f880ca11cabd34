(defproject loader "1.0.0"
  :description "Turns an S3 event into bucket, object key, table and full path"
  :dependencies [[org.clojure/clojure "1.12.0"]
                 [org.clojure/data.json "2.5.1"]
                 [com.amazonaws/aws-lambda-java-core "1.4.0"]]
  :target-path "target"
  :uberjar-name "loader-standalone.jar"
  :profiles {:uberjar {:aot :all}})
