(ns loader.core
  (:require [clojure.data.json :as json]
            [clojure.java.io :as io]
            [clojure.string :as string])
  (:import (java.net URLDecoder)
           (java.nio.charset StandardCharsets))
  (:gen-class
   :name loader.core.Handler
   :implements [com.amazonaws.services.lambda.runtime.RequestStreamHandler]))

(defn decoded
  "S3 encodes object keys in events as a form does: blanks as plus signs."
  [key]
  (URLDecoder/decode ^String key StandardCharsets/UTF_8))

(defn location
  "Where a record's object is: the table is the third segment of its key."
  [record]
  (let [bucket (get-in record ["s3" "bucket" "name"])
        key (decoded (get-in record ["s3" "object" "key"]))]
    {:bucket bucket
     :key key
     :table (nth (string/split key #"/") 2 nil)
     :path (str "s3://" bucket "/" key)}))

(defn -handleRequest [_ input output _context]
  (with-open [reader (io/reader input)
              writer (io/writer output)]
    (json/write (mapv location (get (json/read reader) "Records")) writer :escape-slash false)))
